//! What users may do, by rows.

use super::*;

const READ: Permissions = Permissions::READ;
const WRITE: Permissions = Permissions::WRITE;

fn grant(tenant: Option<i64>, role: Role) -> RoleGrant {
    RoleGrant { tenant, role }
}

fn rights(roles: Vec<RoleGrant>, policies: Option<Vec<Policy>>) -> Rights {
    let networks =
        [(1, BTreeSet::from(["a".to_owned()])), (2, BTreeSet::from(["b".to_owned(), "c".to_owned()]))];
    Rights { roles, policies, networks: networks.into() }
}

fn place<'a>(path: &'a str, network: Option<&'a str>, tenant: Option<i64>) -> Place<'a> {
    Place { path, network, tenant }
}

#[test]
fn a_role_reaches_as_far_as_its_organisation() {
    let a = place("/magma/v1/networks/a/name", Some("a"), None);
    let b = place("/magma/v1/lte/b", Some("b"), None);
    let list = place("/magma/v1/networks", None, None);
    let users = place("/magma/v1/user", None, None);
    let tenant = place("/magma/v1/tenants/1", None, Some(1));
    let other_tenant = place("/magma/v1/tenants/2", None, Some(2));
    let trap = place("/magma/v1/networksandmore", None, None);
    let (one, all) = (Some(1), None);
    let rows = [
        ("an owner of all: users", grant(all, Role::Owner), WRITE, users, true),
        ("an operator of all: users", grant(all, Role::Operator), READ, users, false),
        ("an operator of all: a network", grant(all, Role::Operator), WRITE, b, true),
        ("a reader of all: a network", grant(all, Role::ReadOnly), READ, b, true),
        ("a reader of all changes nothing", grant(all, Role::ReadOnly), WRITE, b, false),
        ("an owner: his network", grant(one, Role::Owner), WRITE, a, true),
        ("an operator: his network", grant(one, Role::Operator), WRITE, a, true),
        ("a reader: his network", grant(one, Role::ReadOnly), READ, a, true),
        ("a reader changes nothing", grant(one, Role::ReadOnly), WRITE, a, false),
        ("an owner: another's network", grant(one, Role::Owner), READ, b, false),
        ("the list of networks", grant(one, Role::ReadOnly), READ, list, true),
        ("a new network", grant(one, Role::Owner), WRITE, list, false),
        ("users", grant(one, Role::Owner), READ, users, false),
        ("his organisation", grant(one, Role::ReadOnly), READ, tenant, true),
        ("his organisation cannot take networks", grant(one, Role::Owner), WRITE, tenant, false),
        ("another organisation", grant(one, Role::Owner), READ, other_tenant, false),
        ("a path that only begins like a list", grant(one, Role::Owner), READ, trap, false),
    ];
    for (row, grant, asked, place, allowed) in rows {
        assert_eq!(rights(vec![grant], None).check(asked, place).is_ok(), allowed, "{row}");
    }
    assert!(rights(vec![], None).check(READ, list).is_err(), "nobody");
}

#[test]
fn a_policy_that_forbids_wins_and_none_is_a_no() {
    let allow = |action, resource| Policy { effect: Effect::Allow, action, resource };
    let deny = |action, resource| Policy { effect: Effect::Deny, action, resource };
    let networks = |id: &str| PolicyResource::Networks([id.to_owned()].into());
    let everything = || PolicyResource::Path("**".to_owned());
    let a = place("/magma/v1/networks/a/name", Some("a"), None);
    let tenant = place("/magma/v1/tenants/2/metrics/query", None, Some(2));
    let b = place("/magma/v1/lte/b", Some("b"), None);
    let rows = [
        ("none", vec![], READ, a, false),
        ("writing includes reading", vec![allow(Action::Write, everything())], READ, a, true),
        ("reading is not writing", vec![allow(Action::Read, everything())], WRITE, a, false),
        ("its network", vec![allow(Action::Write, networks("a"))], WRITE, a, true),
        ("another network", vec![allow(Action::Write, networks("b"))], READ, a, false),
        (
            "an organisation's network",
            vec![allow(Action::Read, PolicyResource::Tenants([2].into()))],
            READ,
            b,
            true,
        ),
        (
            "an organisation",
            vec![allow(Action::Read, PolicyResource::Tenants([2].into()))],
            READ,
            tenant,
            true,
        ),
        ("not another's", vec![allow(Action::Read, PolicyResource::Tenants([2].into()))], READ, a, false),
        (
            "forbidden to write",
            vec![allow(Action::Write, everything()), deny(Action::Write, networks("a"))],
            WRITE,
            a,
            false,
        ),
        (
            "but not to read",
            vec![allow(Action::Write, everything()), deny(Action::Write, networks("a"))],
            READ,
            a,
            true,
        ),
        (
            "forbidden to read, so to write",
            vec![deny(Action::Read, networks("a")), allow(Action::Write, everything())],
            WRITE,
            a,
            false,
        ),
        (
            "forbidden elsewhere",
            vec![deny(Action::Read, networks("b")), allow(Action::Write, everything())],
            WRITE,
            a,
            true,
        ),
    ];
    for (row, policies, asked, place, allowed) in rows {
        let owner = vec![grant(None, Role::Owner)];
        assert_eq!(rights(owner, Some(policies)).check(asked, place).is_ok(), allowed, "{row}");
    }
}

#[test]
fn a_path_is_matched_part_by_part() {
    let rows = [
        ("**", "/magma/v1/networks", true),
        ("/magma/v1/networks/*", "/magma/v1/networks/n1", true),
        ("/magma/v1/networks/*", "/magma/v1/networks/n1/name", false),
        ("/magma/v1/networks/**", "/magma/v1/networks/n1/name", true),
        ("/magma/v1/networks/**", "/magma/v1/networks", true),
        ("/magma/v1/**/name", "/magma/v1/networks/n1/name", true),
        ("/magma/v1/**/name", "/magma/v1/networks/n1/names", false),
        ("/magma/v1/networks/n?", "/magma/v1/networks/n1", true),
        ("/magma/v1/networks/n*1", "/magma/v1/networks/n2", false),
        ("", "/magma/v1", false),
    ];
    for (pattern, path, matches) in rows {
        assert_eq!(path_matches(pattern, path), matches, "{pattern} {path}");
    }
}

#[test]
fn a_user_sees_the_networks_of_his_organisations() {
    let only = |ids: &[&str]| Visible::Only(ids.iter().map(|id| (*id).to_owned()).collect());
    assert_eq!(rights(vec![grant(None, Role::ReadOnly)], None).visible_networks(), Visible::All);
    assert_eq!(rights(vec![grant(Some(2), Role::ReadOnly)], None).visible_networks(), only(&["b", "c"]));
    assert_eq!(rights(vec![], None).visible_networks(), only(&[]));
    let policy =
        Policy { effect: Effect::Allow, action: Action::Read, resource: PolicyResource::Tenants([1].into()) };
    assert_eq!(rights(vec![], Some(vec![policy])).visible_networks(), only(&["a"]));
}

#[test]
fn a_token_reaches_no_further_than_its_users_organisation() {
    let allow = |resource| Policy { effect: Effect::Allow, action: Action::Write, resource };
    let everything = || vec![allow(PolicyResource::Path("**".to_owned()))];
    let a = place("/magma/v1/networks/a/name", Some("a"), None);
    let b = place("/magma/v1/lte/b", Some("b"), None);
    let users = place("/magma/v1/user", None, None);
    let tenant = place("/magma/v1/tenants/1/metrics/api/v1/query", None, Some(1));
    let rows = [
        ("his network", vec![grant(Some(1), Role::Operator)], WRITE, a, true),
        ("a reader's token changes nothing", vec![grant(Some(1), Role::ReadOnly)], WRITE, a, false),
        ("another's network", vec![grant(Some(1), Role::Owner)], READ, b, false),
        ("users", vec![grant(Some(1), Role::Owner)], READ, users, false),
        ("his organisation's metrics", vec![grant(Some(1), Role::ReadOnly)], WRITE, tenant, true),
        ("another's metrics", vec![grant(Some(2), Role::Owner)], READ, tenant, false),
        ("who has no roles has his policies", vec![], WRITE, b, true),
        (
            "who has a role everywhere too",
            vec![grant(Some(1), Role::Owner), grant(None, Role::ReadOnly)],
            WRITE,
            b,
            true,
        ),
    ];
    for (row, roles, asked, place, allowed) in rows {
        assert_eq!(rights(roles, Some(everything())).check(asked, place).is_ok(), allowed, "{row}");
    }
    let visible = rights(vec![grant(Some(1), Role::ReadOnly)], Some(everything())).visible_networks();
    assert_eq!(visible, Visible::Only(["a".to_owned()].into()));
}

#[test]
fn an_owner_hands_out_what_is_his_organisations() {
    let policy = |effect, resource| Policy { effect, action: Action::Write, resource };
    let networks = |ids: &[&str]| PolicyResource::Networks(ids.iter().map(|id| (*id).to_owned()).collect());
    let owner = rights(vec![grant(Some(2), Role::Owner), grant(Some(1), Role::Operator)], None);
    assert_eq!(owner.owned_organisations(), [2].into());
    for (row, policy, may) in [
        ("his networks", policy(Effect::Allow, networks(&["b", "c"])), true),
        ("one of them where he is no owner", policy(Effect::Allow, networks(&["a", "b"])), false),
        ("his organisation", policy(Effect::Allow, PolicyResource::Tenants([2].into())), true),
        ("another one beside it", policy(Effect::Allow, PolicyResource::Tenants([1, 2].into())), false),
        ("paths", policy(Effect::Allow, PolicyResource::Path("/magma/v1/networks/b/**".into())), false),
        ("forbidding", policy(Effect::Deny, PolicyResource::Path("**".into())), true),
    ] {
        assert_eq!(owner.may_hand_out(&policy), may, "{row}");
    }
    let by_token = rights(vec![grant(Some(2), Role::Owner)], Some(vec![]));
    assert_eq!(by_token.owned_organisations(), [].into(), "a token with policies manages nobody");
}
