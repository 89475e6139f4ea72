//! Smallest cut of a network.

/// A directed network with whole capacities.
pub(super) struct Network {
    /// First edge of each node; edges come in pairs there and back, at 2i and 2i + 1.
    first: Vec<usize>,
    edges: Vec<Edge>,
}

struct Edge {
    to: usize,
    capacity: i64,
    next: usize,
}

const END: usize = usize::MAX;

impl Network {
    /// A network of nodes without edges.
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            first: vec![END; nodes],
            edges: Vec::new(),
        }
    }

    /// Adds an edge with its capacities there and back.
    pub(super) fn join(&mut self, from: usize, to: usize, there: i64, back: i64) {
        for (from, to, capacity) in [(from, to, there), (to, from, back)] {
            self.edges.push(Edge {
                to,
                capacity,
                next: self.first[from],
            });
            self.first[from] = self.edges.len() - 1;
        }
    }

    /// Which nodes stay with the source when the cheapest set of edges that parts source and sink
    /// is cut; of several such sets, the one nearest the source.
    ///
    /// Maximum flow by levels (E. A. Dinic, Algorithm for solution of a problem of maximum flow in
    /// networks with power estimation, Soviet Math. Dokl. 11, 1970).
    pub(super) fn source_side(mut self, source: usize, sink: usize) -> Vec<bool> {
        loop {
            let level = self.levels(source, sink);
            if level[source] == END {
                return self.reached(source);
            }
            self.block(&level, source, sink);
        }
    }

    /// Steps to the sink along edges with capacity left, counted back from it as far as the source;
    /// [`END`] beyond.
    fn levels(&self, source: usize, sink: usize) -> Vec<usize> {
        let mut level = vec![END; self.first.len()];
        level[sink] = 0;
        let mut queue = vec![sink];
        let mut next = 0;
        while let Some(&node) = queue.get(next) {
            next += 1;
            let mut edge = self.first[node];
            while let Some(e) = self.edges.get(edge) {
                if level[e.to] == END && self.edges[edge ^ 1].capacity > 0 {
                    level[e.to] = level[node] + 1;
                    if e.to == source {
                        return level;
                    }
                    queue.push(e.to);
                }
                edge = e.next;
            }
        }
        level
    }

    /// Nodes the source reaches along edges with capacity left.
    fn reached(&self, source: usize) -> Vec<bool> {
        let mut reached = vec![false; self.first.len()];
        reached[source] = true;
        let mut left = vec![source];
        while let Some(node) = left.pop() {
            let mut edge = self.first[node];
            while let Some(e) = self.edges.get(edge) {
                if e.capacity > 0 && !reached[e.to] {
                    reached[e.to] = true;
                    left.push(e.to);
                }
                edge = e.next;
            }
        }
        reached
    }

    /// Sends flow along paths of falling level until none is left. Depth first without recursion:
    /// `path` holds the edges walked, `at` the next edge to try of each node.
    fn block(&mut self, level: &[usize], source: usize, sink: usize) {
        let mut at = self.first.clone();
        let mut path: Vec<usize> = Vec::new();
        let mut node = source;
        loop {
            if node == sink {
                let least = path.iter().map(|e| self.edges[*e].capacity).min();
                let least = least.unwrap_or(0);
                let mut full = 0;
                for (place, edge) in path.iter().enumerate().rev() {
                    self.edges[*edge].capacity -= least;
                    self.edges[*edge ^ 1].capacity += least;
                    if self.edges[*edge].capacity == 0 {
                        full = place;
                    }
                }
                // Back to where the first full edge begins.
                node = self.edges[path[full] ^ 1].to;
                path.truncate(full);
                continue;
            }
            let edge = at[node];
            if let Some(e) = self.edges.get(edge) {
                if e.capacity > 0 && level[e.to] != END && level[e.to] + 1 == level[node] {
                    path.push(edge);
                    node = e.to;
                } else {
                    at[node] = e.next;
                }
            } else if let Some(edge) = path.pop() {
                node = self.edges[edge ^ 1].to;
                at[node] = self.edges[at[node]].next;
            } else {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cut_goes_through_the_narrowest_place() {
        // 0 → 1 → 2 → 3 with capacities 5, 2, 4.
        let mut network = Network::new(4);
        network.join(0, 1, 5, 0);
        network.join(1, 2, 2, 0);
        network.join(2, 3, 4, 0);
        assert_eq!(network.source_side(0, 3), [true, true, false, false]);
    }

    #[test]
    fn flow_finds_its_way_back_through_a_cross_edge() {
        // The textbook diamond: 0 → 1, 2 → 3 with 1 → 2 in between; the largest flow is 2 · 10.
        let mut network = Network::new(4);
        network.join(0, 1, 10, 0);
        network.join(0, 2, 10, 0);
        network.join(1, 3, 10, 0);
        network.join(2, 3, 10, 0);
        network.join(1, 2, 1, 0);
        assert_eq!(network.source_side(0, 3), [true, false, false, false]);
    }

    #[test]
    fn every_cut_of_small_random_networks_is_the_cheapest() {
        let mut state = 7_u64;
        let mut dice = |n: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        for _ in 0..200 {
            let nodes = 7;
            let edges: Vec<(usize, usize, i64)> = (0..18)
                .map(|_| (dice(7) as usize, dice(7) as usize, dice(9) as i64))
                .filter(|(a, b, _)| a != b)
                .collect();
            let mut network = Network::new(nodes);
            for (a, b, capacity) in &edges {
                network.join(*a, *b, *capacity, 0);
            }
            let cost = |stays: &dyn Fn(usize) -> bool| -> i64 {
                let cut = edges.iter().filter(|(a, b, _)| stays(*a) && !stays(*b));
                cut.map(|e| e.2).sum()
            };
            let found = network.source_side(0, 6);
            assert!(found[0] && !found[6]);
            // All ways to part 0 from 6.
            let cheapest = (0..32).map(|bits: usize| {
                cost(&|node| node == 0 || (node != 6 && bits >> (node - 1) & 1 == 1))
            });
            assert_eq!(Some(cost(&|node| found[node])), cheapest.min());
        }
    }
}
