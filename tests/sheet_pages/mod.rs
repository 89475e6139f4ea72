//! Sheets at their extremes in all languages, and sheets in a house style of the user's.

mod extremes;
mod house;
