//! The lessons as JSON, for the page: everything that is in the files.

use super::lesson::{Choice, Goal, Lesson, Question};
use serde_json::{Map, Value, json};

/// Returns all lessons.
pub fn of(lessons: &[Lesson]) -> Value {
    lessons.iter().map(lesson).collect()
}

fn lesson(lesson: &Lesson) -> Value {
    let runs = lesson.runs.iter().map(|run| json!({ "name": run.name, "config": run.setup.json }));
    let needs = lesson.needs.iter().map(|(id, _)| id);
    json!({
        "number": lesson.number,
        "id": lesson.id,
        "title": lesson.title,
        "part": lesson.part,
        "minutes": lesson.minutes,
        "needs": needs.collect::<Vec<_>>(),
        "runs": runs.collect::<Vec<_>>(),
        "ask": lesson.ask.iter().map(question).collect::<Vec<_>>(),
        "goal": lesson.goal.as_ref().map(goal),
        "look_at": {
            "run": lesson.look_at.run,
            "at_seconds": lesson.look_at.at.map(|at| at.as_secs_f64()),
            "select": lesson.look_at.select,
        },
        "sections": {
            "before": lesson.sections.before,
            "after": lesson.sections.after,
            "why": lesson.sections.why,
            "notes": lesson.sections.notes,
        },
    })
}

fn question(question: &Question) -> Value {
    let span = &question.on_virtual;
    json!({
        "text": question.text,
        "measure": question.measure,
        "unit": question.measure.unit(),
        "choices": question.choices.iter().map(|it| choice(question, it)).collect::<Vec<_>>(),
        "virtual": { "value": span.value, "from": span.from, "to": span.to },
        "pool": question.on_pool.map(|span| json!({ "value": span.value, "from": span.from, "to": span.to })),
    })
}

/// A choice. `from` and `to` are the ends within which it fits, also if it is a single value.
fn choice(question: &Question, choice: &Choice) -> Value {
    let span = question.span_of(choice);
    json!({
        "label": choice.label,
        "value": choice.is.value,
        "from": span.from,
        "to": span.to,
        "feedback": choice.feedback,
        "is_answer": question.is_answer(choice),
    })
}

fn goal(goal: &Goal) -> Value {
    let may_change = goal.may_change.iter().map(|change| json!({ "path": change.path, "values": change.values }));
    let reach = goal.reach.iter().map(|condition| {
        json!({
            "measure": condition.measure,
            "unit": condition.measure.unit(),
            "comparison": condition.comparison.sign(),
            "value": condition.value,
        })
    });
    let best = |is_most| goal.best.as_ref().filter(|best| best.is_most == is_most).map(|best| &best.paths);
    json!({
        "text": goal.text,
        "config": goal.setup.json,
        "may_change": may_change.collect::<Vec<_>>(),
        "reach": reach.collect::<Vec<_>>(),
        "least": best(false),
        "most": best(true),
        "optimum": table(&goal.optimum),
        "not_enough": goal.not_enough.iter().map(|values| table(values)).collect::<Vec<_>>(),
    })
}

fn table(values: &[(String, Value)]) -> Value {
    Value::Object(values.iter().cloned().collect::<Map<_, _>>())
}
