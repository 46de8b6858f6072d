use super::*;
use crate::registry::Member;

#[test]
fn every_name_and_letter_means_one_option_of_a_command() {
    for command in Command::ALL {
        let names: Vec<&str> = of(*command).map(|o| o.name).collect();
        let letters: Vec<char> = of(*command).filter_map(|o| o.short).collect();
        for (i, name) in names.iter().enumerate() {
            assert!(!names[..i].contains(name), "{}: {name} twice", command.id());
        }
        for (i, letter) in letters.iter().enumerate() {
            assert!(!letters[..i].contains(letter) && *letter != 'h', "{}: -{letter} twice", command.id());
        }
    }
    assert!(all().all(|o| o.required.iter().all(|c| o.commands.contains(c)) && !o.help.is_empty()));
}

/// Names of options that a rule speaks of.
fn named(rule: &Rule) -> Vec<&'static str> {
    let one = |with: &With| match with {
        With::Given(name) | With::Value(name, _) | With::Other(name, _) => *name,
    };
    match rule {
        Rule::Beside(any, _) => any.iter().map(one).collect(),
        Rule::Of(name, ..) => vec![name],
        Rule::Not(with, ..) => vec![one(with)],
        Rule::Apart(others, _) => others.to_vec(),
        Rule::Idle(..) | Rule::Acts(_) => vec![],
    }
}

#[test]
fn rules_speak_of_options_that_a_command_takes_too() {
    for option in all() {
        for name in option.rules.iter().flat_map(named) {
            let beside = option.commands.iter().any(|c| find(*c, name).is_some());
            assert!(beside, "{}: {name} is no option beside it", option.name);
        }
    }
}

fn given(command: Command, options: &[(&'static OptionSpec, Value)]) -> Given {
    let mut given = Given::new(command);
    for (option, value) in options {
        given.insert(option, value.clone(), Place::Line(7));
    }
    given
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

#[test]
fn refusals_name_the_option_what_it_goes_with_and_its_line() {
    let refused = |command, options: &[(&'static OptionSpec, Value)]| {
        let error = given(command, options).check().expect_err("a refusal");
        assert_eq!(error.place().line, Some(7));
        (error.message_at(crate::choice::Door::Manifest), error.hint().unwrap_or_default().into_owned())
    };
    let (message, hint) = refused(Command::Pool, &[(&table::COMMON_TAU2, Value::Flag)]);
    assert_eq!(message, "line 7: `common-tau2` has no use here: there are no subgroups");
    assert_eq!(hint, "leave it out; it goes with `subgroup = COLUMN`");
    let (message, _) =
        refused(Command::Pool, &[(&table::REFERENCE, text("placebo")), (&table::ARM, text("none"))]);
    assert!(message.contains("no column tells the arms"), "{message}");
    let (message, hint) =
        refused(Command::Bias, &[(&table::SIDE, text("left")), (&table::TEST_NAME, text("egger"))]);
    assert_eq!(message, "line 7: `test = \"egger\"` has no `side`");
    assert!(hint.contains("trimfill"), "{hint}");
    let (message, _) = refused(Command::Bias, &[(&table::SIDE, text("left"))]);
    assert_eq!(message, "line 7: `side` belongs to one test");
}

#[test]
fn what_asks_for_nothing_is_refused_nowhere() {
    let plot =
        |ci: &str| given(Command::Plot, &[(&table::KIND, text("agreement")), (&table::CI, text(ci))]).check();
    assert!(plot("auto").is_ok() && plot("wald").is_err());
    assert!(given(Command::Bias, &[(&table::TAU2_CI, text("none"))]).check().is_ok());
    // rules of other commands do not hold
    assert!(given(Command::Pool, &[(&table::SUBGROUP, text("alloc"))]).check().is_ok());
}

#[test]
fn a_later_value_holds() {
    let twice =
        given(Command::Pool, &[(&table::LEVEL, Value::Number(90.0)), (&table::LEVEL, Value::Number(80.0))]);
    assert_eq!(twice.number(&table::LEVEL), Some(80.0));
    assert_eq!(twice.options().count(), 1);
}
