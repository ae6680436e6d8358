import { stemmer } from "@orama/stemmers/portuguese";
import { stemming } from "../../src/lexical/analyzers/stemming.ts";
import { wordAnalyzer } from "../../src/lexical/analyzers/words.ts";
import type { Analyzer } from "../../src/types.ts";

/** Portuguese words without stop words, stemmed by Snowball's algorithm. */
export function portuguese(): Analyzer;
export function portuguese(options?: unknown): Analyzer {
  return wordAnalyzer({ fingerprint: "portuguese@1", word: stemming({ stopWords, stem: stemmer }) }, options);
}

const stopWords =
  "a à ao aos aquela aquelas aquele aqueles aquilo as às até com como da das de dela delas dele deles depois do " +
  "dos e é ela elas ele eles em entre era eram essa essas esse esses esta está estamos estão estar estas estava " +
  "estavam este esteja estejam estes esteve estou eu foi fomos for foram forem fosse fossem fui há haja hão havia " +
  "houve isso isto já lhe lhes mais mas me mesmo meu meus minha minhas muito na não nas nem no nos nós nossa " +
  "nossas nosso nossos num numa o os ou para pela pelas pelo pelos por qual quais quando que quem são se seja " +
  "sejam sem ser será serão seria seriam seu seus só somos sou sua suas também te tem têm tenha tenham tenho ter " +
  "teu teus teve tinha tinham tu tua tuas um uma umas uns você vocês vos";
