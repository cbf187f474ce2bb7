import { operation } from "../operation.js";
import { list, map, object, text } from "../shape.js";

const scopes = { scopes: list(text) };

/** By which competitions and parts of a game each sport's markets can be told apart. @see GET /search/filters_by_sport */
export const getFiltersForSports = operation({
  id: "GetFiltersForSports",
  method: "GET",
  path: "/search/filters_by_sport",
  access: "public",
  answer: object({
    filters_by_sports: map(object({ ...scopes, competitions: map(object(scopes)) })),
    sport_ordering: list(text),
  }),
});

/** The tags of each category of series. @see GET /search/tags_by_categories */
export const getTagsForSeriesCategories = operation({
  id: "GetTagsForSeriesCategories",
  method: "GET",
  path: "/search/tags_by_categories",
  access: "public",
  answer: object({ tags_by_categories: map(list(text)) }),
});
