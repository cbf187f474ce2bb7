import { formatTime, parseTime } from "../../units/time.js";
import type { JsonObject } from "../types.js";
import { Random } from "./random.js";

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

export const HARBOR_CUP = "Harbor Cup";

/** Clubs by the code that tickers carry. */
const CLUBS: Readonly<Record<string, string>> = {
  ASH: "Ashport Anchors",
  BAY: "Bayhaven Herons",
  COR: "Corrie Lights",
  DUN: "Dunmere Gulls",
  ELM: "Elmquay Otters",
  FEN: "Fenwick Tides",
};

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

/** Every structured target of a world: clubs, then their players. */
export function targetsOf(seed: string): readonly Target[] {
  return [
    ...Object.keys(CLUBS).map((code) => club(seed, code)),
    ...Object.keys(CLUBS).flatMap((code) => players(seed, code)),
  ];
}

/** What a club's code stands for; null for none. */
export function clubOf(seed: string, code: string): Target | null {
  return code in CLUBS ? club(seed, code) : null;
}

/** A club's players, always the same five. */
export function players(seed: string, code: string): readonly Target[] {
  const random = new Random(`${seed}/players/${code}`);
  return Array.from({ length: PLAYERS_PER_CLUB }, (_, i) => ({
    id: random.uuid(),
    name: `${random.pick(FIRST)} ${random.pick(LAST)}`,
    type: "basketball_player" as const,
    league: HARBOR_CUP,
    details: { league: HARBOR_CUP, number: 4 + 7 * i, team_id: club(seed, code).id },
    sourceId: `harbor-cup/${code.toLowerCase()}/${i + 1}`,
    updated: UPDATED,
  }));
}

function club(seed: string, code: string): Target {
  return {
    id: new Random(`${seed}/club/${code}`).uuid(),
    name: CLUBS[code] as string,
    type: "basketball_team",
    league: HARBOR_CUP,
    details: { abbreviation: code, league: HARBOR_CUP },
    sourceId: `harbor-cup/${code.toLowerCase()}`,
    updated: UPDATED,
  };
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
