//! Guesses which word was meant by one that is not known.

/// "; did you mean X?" when one of `known` is near to `word`, else nothing.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let word = word.to_ascii_lowercase();
    let allowed = (word.len() / 3).clamp(1, 3);
    let near = known.map(|candidate| (distance(&word, candidate), candidate));
    match near.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance) {
        Some((_, candidate)) => format!("; did you mean {candidate}?"),
        None => String::new(),
    }
}

/// How many letters must be changed, added, removed or swapped with their neighbour (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut rows = [vec![0; other.len() + 1], (0..=other.len()).collect::<Vec<usize>>(), Vec::new()];
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let changed = usize::from(one[i - 1] != other[j - 1]);
            let mut best = (rows[1][j] + 1).min(row[j - 1] + 1).min(rows[1][j - 1] + changed);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                best = best.min(rows[0][j - 2] + 1);
            }
            row.push(best);
        }
        rows.rotate_left(1);
        rows[1] = row;
    }
    rows[1][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_fingers_finds_its_word() {
        let known = ["run", "status", "show", "show-config", "doctor", "services"];
        let rows = [
            ("statsu", "status"),
            ("STATUS", "status"),
            ("docter", "doctor"),
            ("shwo", "show"),
            ("service", "services"),
            ("show-cofnig", "show-config"),
            ("fly", ""),
            ("", ""),
        ];
        for (word, meant) in rows {
            let said = did_you_mean(word, known.into_iter());
            match meant {
                "" => assert_eq!(said, "", "{word}"),
                meant => assert_eq!(said, format!("; did you mean {meant}?"), "{word}"),
            }
        }
    }
}
