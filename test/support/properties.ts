import fc from "fast-check";

/** A property that takes much longer than ever says with which seed it was, before the test's time is over; so does one that cannot be made smaller. */
fc.configureGlobal({ interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true });
