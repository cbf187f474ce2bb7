import { formatTime, parseTime } from "../../../units/time.js";
import type { JsonObject } from "../../types.js";
import { Random } from "../random.js";

/** A club of a generated competition, or one of its players: what markets about it name as their target. */
export interface Target {
  readonly id: string;
  readonly name: string;
  readonly type: "basketball_team" | "basketball_player";
  readonly league: string;
  readonly details: JsonObject;
  readonly sourceId: string;
  readonly updated: number;
}

/** A competition of a generated series: its clubs by the code that tickers carry. */
interface Competition {
  readonly series: string;
  readonly name: string;
  readonly clubs: Readonly<Record<string, string>>;
}

const COMPETITIONS: readonly Competition[] = [
  {
    series: "HARBORCUP",
    name: "Harbor Cup",
    clubs: {
      ASH: "Ashport Anchors",
      BAY: "Bayhaven Herons",
      COR: "Corrie Lights",
      DUN: "Dunmere Gulls",
      ELM: "Elmquay Otters",
      FEN: "Fenwick Tides",
    },
  },
  {
    series: "NORBALL",
    name: "Norland League",
    clubs: {
      GLEN: "Glen Rovers",
      HOLM: "Holm Pilots",
      IRON: "Iron Hammers",
      JUDD: "Judd Foxes",
      KELP: "Kelp Divers",
      LOCH: "Loch Swans",
      MOOR: "Moor Larks",
      NESS: "Ness Beacons",
      OAK: "Oak Wardens",
      PIKE: "Pike Miners",
    },
  },
];

const FIRST = ["Ada", "Ben", "Cleo", "Dov", "Esme", "Finn", "Gwen", "Hal", "Iris", "Joss", "Kit", "Lena"] as const;
const LAST = [
  "Marsh",
  "Nolan",
  "Oakes",
  "Pike",
  "Quill",
  "Reeve",
  "Shaw",
  "Thorne",
  "Ude",
  "Vance",
  "West",
  "Yarrow",
] as const;
const PLAYERS_PER_CLUB = 5;
/** When the catalogue of targets was last changed. */
const UPDATED = parseTime("2024-01-15T09:30:12.4837Z");

/** Every structured target of a world that has these series: clubs, then their players. */
export function targetsOf(seed: string, hasSeries: (ticker: string) => boolean): readonly Target[] {
  return COMPETITIONS.filter(({ series }) => hasSeries(series)).flatMap((competition) => {
    const codes = Object.keys(competition.clubs);
    return [
      ...codes.map((code) => club(seed, competition, code)),
      ...codes.flatMap((code) => players(seed, competition, code)),
    ];
  });
}

/** The competition that a series is about; null for none. */
export function competitionOf(series: string): string | null {
  return COMPETITIONS.find((one) => one.series === series)?.name ?? null;
}

/** What a club's code stands for in a series; null for none. */
export function clubOf(seed: string, series: string, code: string): Target | null {
  const competition = COMPETITIONS.find((one) => one.series === series);
  return competition !== undefined && code in competition.clubs ? club(seed, competition, code) : null;
}

/** A club's players, always the same five. */
function players(seed: string, competition: Competition, code: string): readonly Target[] {
  const random = new Random(`${seed}/players/${competition.series}/${code}`);
  return Array.from({ length: PLAYERS_PER_CLUB }, (_, i) => ({
    id: random.uuid(),
    name: `${random.pick(FIRST)} ${random.pick(LAST)}`,
    type: "basketball_player" as const,
    league: competition.name,
    details: { league: competition.name, number: 4 + 7 * i, team_id: club(seed, competition, code).id },
    sourceId: `${sourceOf(competition, code)}/${i + 1}`,
    updated: UPDATED,
  }));
}

function club(seed: string, competition: Competition, code: string): Target {
  return {
    id: new Random(`${seed}/club/${competition.series}/${code}`).uuid(),
    name: competition.clubs[code] as string,
    type: "basketball_team",
    league: competition.name,
    details: { abbreviation: code, league: competition.name },
    sourceId: sourceOf(competition, code),
    updated: UPDATED,
  };
}

function sourceOf({ series }: Competition, code: string): string {
  return `${series}/${code}`.toLowerCase();
}

/** A target as sent. */
export function targetWire({ id, name, type, details, sourceId, updated }: Target): JsonObject {
  return {
    details,
    id,
    last_updated_ts: formatTime(updated),
    name,
    source_id: sourceId,
    source_ids: { sandbox: sourceId },
    type,
  };
}
