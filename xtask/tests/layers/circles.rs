//! Circles among files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use super::imports::Import;

/// The imports that make circles, a list for each group of files that lead to one another.
pub fn circles(imports: &[Import]) -> Vec<Vec<&Import>> {
    let mut numbers: BTreeMap<&PathBuf, usize> = BTreeMap::new();
    for file in imports.iter().flat_map(|import| [&import.from, &import.to]) {
        let next = numbers.len();
        numbers.entry(file).or_insert(next);
    }
    let graph: DiGraphMap<usize, ()> = imports
        .iter()
        .map(|import| (numbers[&import.from], numbers[&import.to]))
        .collect();
    tarjan_scc(&graph)
        .into_iter()
        .filter(|group| group.len() > 1)
        .map(|group| {
            let within = |file: &PathBuf| group.contains(&numbers[file]);
            imports
                .iter()
                .filter(|import| within(&import.from) && within(&import.to))
                .collect()
        })
        .collect()
}
