import { stemmer } from "@orama/stemmers/russian";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** Russian words without stop words, stemmed by Snowball's algorithm. ё is е. */
export function russian(): Analyzer;
export function russian(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "russian@1", word: stemming({ stopWords, stem: stemmer, letters }) }, options);
}

const letters = (word: string): string => word.replaceAll("ё", "е");

const stopWords =
  "а без более больше будет будто бы был была были было быть в вам вас ведь во вот впрочем все всегда всего всех " +
  "всю вы где да даже для до его ее ей ему если есть еще ж же за здесь и из или им их к как какая какой ко когда " +
  "конечно кто куда ли между меня мне много может можно мой моя мы на над надо нас не него нее ней нельзя нет ни " +
  "нибудь никогда ним них ничего но ну о об он она они оно от перед по под после потом потому почти при про разве " +
  "с сам свой свою себе себя сейчас со совсем так такой там тебя тем теперь то тогда того тоже только том тот тут " +
  "ты у уж уже хоть чего чей чем через что чтоб чтобы чуть эта эти это этого этой этом этот эту я";
