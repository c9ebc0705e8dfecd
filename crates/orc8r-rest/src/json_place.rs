//! Parts of a stored configuration, by the names of the members that lead to them.

use serde_json::Value;

/// What lies at `place`; `None` when it is absent or `null`.
pub(crate) fn at<'a>(config: Option<&'a Value>, place: &[&str]) -> Option<&'a Value> {
    let part = place.iter().try_fold(config?, |value, name| value.get(*name))?;
    Some(part).filter(|part| !part.is_null())
}

/// Puts a value at `place`.
///
/// # Errors
/// The place of what would have to be there, and is not.
pub(crate) fn put_at<'p>(
    config: &mut Value,
    place: &'p [&'p str],
    value: Value,
) -> Result<(), &'p [&'p str]> {
    let mut target = config;
    for depth in 0..place.len() {
        let members = target.as_object_mut().ok_or(&place[..depth])?;
        target = members.entry(place[depth]).or_insert(Value::Null);
    }
    *target = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_part_is_found_and_replaced_at_its_place() {
        let config = json!({"a": {"b": 1}, "c": null});
        for (place, expected) in [
            (&[][..], Some(&config)),
            (&["a"], Some(&config["a"])),
            (&["a", "b"], Some(&config["a"]["b"])),
            (&["a", "x"], None),
            (&["a", "b", "x"], None),
            (&["c"], None),
        ] {
            assert_eq!(at(Some(&config), place), expected, "{place:?}");
        }
        assert_eq!(at(None, &[]), None);
        for (place, expected) in [
            (&[][..], Ok(json!(2))),
            (&["a"], Ok(json!({"a": 2, "c": null}))),
            (&["a", "b"], Ok(json!({"a": {"b": 2}, "c": null}))),
            (&["d"], Ok(json!({"a": {"b": 1}, "c": null, "d": 2}))),
            (&["c", "x"], Err(&["c"][..])),
            (&["a", "b", "x"], Err(&["a", "b"])),
        ] {
            let mut changed = config.clone();
            let done = put_at(&mut changed, place, json!(2));
            assert_eq!(done.map(|()| changed), expected, "{place:?}");
        }
    }
}
