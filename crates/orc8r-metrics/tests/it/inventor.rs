//! Expressions that nobody would write, for the tests of the crate and of its restriction on real engines.

/// Expressions that nobody would write, from numbers that look random.
pub struct Inventor(u64);

impl Inventor {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }

    pub fn selector(&mut self) -> String {
        let matchers = [
            "networkID=\"n2\"",
            "networkID!=\"n1\"",
            "networkID=~\".*\"",
            "networkID!~\"n1\"",
            "networkID=~\"n1|n2\"",
            "networkID=\"\"",
            "networkID!=\"\"",
            "networkID=\"n1\"",
            "gatewayID=\"g1\"",
            "__name__=~\".+\"",
            "core=\"0\"",
            "__name__!=\"x\"",
            "networkID=~\"n1|.*\"",
        ];
        let name = self.of(&["up", "load", "", "own"]);
        let count = if name.is_empty() { 1 + self.below(3) } else { self.below(3) };
        let matchers: Vec<_> = (0..count).map(|_| self.of(&matchers)).collect();
        format!("{name}{{{}}}", matchers.join(","))
    }

    fn moment(&mut self) -> &'static str {
        self.of(&[
            "",
            "",
            " offset 3m",
            " offset -3m",
            " @ end()",
            " @ start()",
            " @ 1700000000",
            " @ 1700000000 offset 1m",
        ])
    }

    fn range(&mut self, depth: u32) -> String {
        if self.below(2) == 0 || depth == 0 {
            format!("{}[{}]{}", self.selector(), self.of(&["5m", "20m"]), self.moment())
        } else {
            format!("({})[10m:{}]{}", self.vector(depth - 1), self.of(&["1m", ""]), self.moment())
        }
    }

    pub fn vector(&mut self, depth: u32) -> String {
        if depth == 0 {
            return format!("{}{}", self.selector(), self.moment());
        }
        let by = self.of(&["", " by (networkID)", " without (networkID)", " by (__name__, gatewayID)"]);
        match self.below(9) {
            0 => format!("{}({}){by}", self.of(&["sum", "max", "min", "avg"]), self.vector(depth - 1)),
            1 => format!("topk(2, {})", self.vector(depth - 1)),
            2 => format!(
                "{}({})",
                self.of(&["max_over_time", "last_over_time", "avg_over_time"]),
                self.range(depth)
            ),
            3 => {
                let how =
                    self.of(&["or", "or on()", "and on()", "unless on()", "* on(gatewayID) group_left"]);
                format!("({}) {how} ({})", self.vector(depth - 1), self.vector(depth - 1))
            }
            4 => format!(
                "label_replace({}, \"networkID\", \"n1\", \"networkID\", \".*\")",
                self.vector(depth - 1)
            ),
            5 => format!("({}) {} 0", self.vector(depth - 1), self.of(&[">", "!=", "+", ">= bool"])),
            6 => format!("vector(scalar({}))", self.vector(depth - 1)),
            7 => format!("-({})", self.vector(depth - 1)),
            _ => format!("sort(round({}))", self.vector(depth - 1)),
        }
    }
}
