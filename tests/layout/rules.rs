//! What the map forbids.

use std::collections::{BTreeMap, BTreeSet};

use super::map::{Entry, Heap};
use super::{File, modules};

/// Everything in these files, or in the map itself, that breaks a rule.
pub(crate) fn violations(map: &[Entry], files: &[File]) -> Vec<String> {
    let mut violations = of_map(map);
    let modules = modules(files);
    let mut graph = BTreeMap::new();
    for (name, text) in files {
        let Some(from) = entry(map, name) else {
            violations.push(format!("{name} is not on the map"));
            continue;
        };
        let imports = modules.imports(name, text);
        for import in &imports {
            let is_allowed = match &*import.module {
                "std" | "alloc" => from.heap == Heap::Std,
                module => entry(map, module).is_some_and(|to| {
                    to.module == from.module || from.imports().any(|import| import == to.module)
                }),
            };
            if !is_allowed {
                let module = if import.module.is_empty() { "the root" } else { &import.module };
                let line = import.line;
                violations.push(format!("line {line}: {name} may not import {module}"));
            }
        }
        graph.insert(&**name, imports.into_iter().map(|import| import.module).collect());
    }
    violations.extend(cycles(&graph));
    violations
}

/// Arrows of the map that no file needs.
pub(crate) fn unused(map: &[Entry], files: &[File]) -> Vec<String> {
    let modules = modules(files);
    let mut needed = BTreeSet::new();
    for (name, text) in files {
        let from = entry(map, name).map(|from| from.module);
        let imports = modules.imports(name, text).into_iter();
        needed.extend(imports.map(|import| (from, entry(map, &import.module).map(|to| to.module))));
    }
    let arrows = map.iter().flat_map(|from| from.imports().map(move |to| (from.module, to)));
    let unused = arrows.filter(|(from, to)| !needed.contains(&(Some(*from), Some(*to))));
    unused.map(|(from, to)| format!("the map: {from} needs no {to}")).collect()
}

/// The entry for a module: its own or that of the nearest module above.
fn entry<'a>(map: &'a [Entry], module: &str) -> Option<&'a Entry> {
    let own = map.iter().find(|entry| entry.module == module);
    own.or_else(|| entry(map, module.rsplit_once("::")?.0))
}

/// Arrows of the map that lead up, or from where there is no heap to where there is one.
fn of_map(map: &[Entry]) -> Vec<String> {
    let mut violations = Vec::new();
    for (at, from) in map.iter().enumerate() {
        let module = from.module;
        for import in from.imports() {
            let said = match map[at + 1..].iter().find(|entry| entry.module == import) {
                None => format!("the map: {module} -> {import} runs back up"),
                Some(to) if from.heap == Heap::None && to.heap == Heap::Std => {
                    format!("the map: {module} does without a heap, {import} does not")
                }
                Some(_) => continue,
            };
            violations.push(said);
        }
    }
    violations
}

type Graph<'a> = BTreeMap<&'a str, Vec<String>>;

/// Chains of files that lead back to where they begin.
fn cycles(graph: &Graph<'_>) -> Vec<String> {
    let mut done = BTreeSet::new();
    graph.keys().filter_map(|start| cycle(start, graph, &mut Vec::new(), &mut done)).collect()
}

/// The first cycle on the way down from a module; what has been walked is done.
fn cycle<'a>(
    module: &'a str,
    graph: &'a Graph<'_>,
    chain: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<String> {
    if let Some(start) = chain.iter().position(|&it| it == module) {
        return Some([&chain[start..], &[module]].concat().join(" -> "));
    }
    if !done.insert(module) {
        return None;
    }
    chain.push(module);
    let imports = graph.get(module).into_iter().flatten();
    let found = imports.into_iter().find_map(|next| cycle(next, graph, chain, done));
    chain.pop();
    found
}
