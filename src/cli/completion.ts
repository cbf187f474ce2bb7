import { Argument, Command, type Option } from "commander";
import { commands } from "./commands.js";
import { withLevels } from "./levels.js";
import { printLine } from "./output.js";

const examples = `
Examples:
  source <(kalshi-lab completion bash)                               this shell
  kalshi-lab completion bash >> ~/.bashrc                            every later one
  kalshi-lab completion zsh > ~/.zsh/completions/_kalshi-lab         a folder of zsh's fpath
`;

/** `kalshi-lab completion bash|zsh`: a script that completes commands, flags and their choices. */
export function registerCompletion(program: Command): void {
  program
    .command("completion")
    .description("print a script that completes commands, flags and their values in a shell")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh"]))
    .addHelpText("after", examples)
    .action(async (shell: string) => {
      const whole = new Command("kalshi-lab");
      for (const register of Object.values(commands)) (await register())(whole);
      for (const command of whole.commands) withLevels(command);
      printLine(shell === "bash" ? bashScript(wordsOf(whole)) : zshScript(wordsOf(whole)));
    });
}

/** What can follow a command. */
interface Words {
  /** `""` for the command line itself, else `notebook run`. */
  readonly path: string;
  readonly about: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly flags: readonly Flag[];
}

interface Flag {
  readonly name: string;
  readonly about: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** Choices of flags that are checked where they are used. */
const known: Readonly<Record<string, readonly string[]>> = { "--env": ["sandbox", "demo", "production"] };

function wordsOf(command: Command, path: readonly string[] = []): Words[] {
  const own: Words = {
    path: path.join(" "),
    about: firstLine(command.description()),
    commands: command.commands.map((one) => ({ name: one.name(), about: firstLine(one.description()) })),
    flags: [
      ...command.options.flatMap(flagsOf),
      { name: "--help", about: "how to use it", takesValue: false, choices: [] },
    ],
  };
  return [own, ...command.commands.flatMap((one) => wordsOf(one, [...path, one.name()]))];
}

function flagsOf({ long, description, required, optional, argChoices }: Option): Flag[] {
  if (!long) return [];
  const choices = argChoices ?? known[long] ?? [];
  return [{ name: long, about: firstLine(description), takesValue: required || optional, choices }];
}

function firstLine(text: string): string {
  return text.split("\n")[0]!;
}

/** Completes by the words before the cursor: flags and commands; after a flag with choices these; files else. */
function bashScript(words: readonly Words[]): string {
  const cases = words.map(
    ({ path, commands: below, flags }) =>
      `    ${JSON.stringify(path)}) words=${quoted([...below.map(({ name }) => name), ...flags.map(({ name }) => name)].join(" "))} ;;`,
  );
  const choices = choiceCases(
    words,
    "    ",
    (list) => `COMPREPLY=($(compgen -W ${quoted(list.join(" "))} -- "$cur")); return`,
    "return",
  );
  return `# kalshi-lab completion for bash
_kalshi_lab() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${words
        .filter(({ path }) => path !== "")
        .map(({ path }) => JSON.stringify(path))
        .join(" | ")}) path="\${path:+$path }$word" ;;
    esac
  done
  COMPREPLY=()
  case "$path $prev" in
${choices}
  esac
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _kalshi_lab kalshi-lab`;
}

function zshScript(words: readonly Words[]): string {
  const described = (name: string, about: string): string => quoted(`${name}:${about.replaceAll(":", "\\:")}`);
  const cases = words.map(({ path, commands: below, flags }) => {
    const lines = [...below, ...flags].map(({ name, about }) => `        ${described(name, about)}`);
    return `    ${JSON.stringify(path)})\n      words_=(\n${lines.join("\n")}\n      ) ;;`;
  });
  const choices = choiceCases(
    words,
    "    ",
    (list) => `compadd -- ${list.map(quoted).join(" ")}; return`,
    "_files; return",
  );
  return `#compdef kalshi-lab
# kalshi-lab completion for zsh
_kalshi_lab() {
  local path_="" word
  local -a words_
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${path_:+$path_ }$word" in
      ${words
        .filter(({ path }) => path !== "")
        .map(({ path }) => JSON.stringify(path))
        .join(" | ")}) path_="\${path_:+$path_ }$word" ;;
    esac
  done
  case "$path_ \${words[CURRENT-1]}" in
${choices}
  esac
  case "$path_" in
${cases.join("\n")}
  esac
  _describe 'kalshi-lab' words_ || _files
}
if [ "$funcstack[1]" = "_kalshi_lab" ]; then _kalshi_lab "$@"; else compdef _kalshi_lab kalshi-lab; fi`;
}

/** What stands behind a flag that takes a value: one of its choices, else whatever the shell completes by itself. */
function choiceCases(
  words: readonly Words[],
  indent: string,
  complete: (choices: readonly string[]) => string,
  files: string,
): string {
  return words
    .flatMap(({ path, flags }) =>
      flags
        .filter(({ takesValue }) => takesValue)
        .map(({ name, choices }) => {
          const then = choices.length === 0 ? files : complete(choices);
          return `${indent}${JSON.stringify(`${path} ${name}`)}) ${then} ;;`;
        }),
    )
    .join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
