//! What a rule decides about a contraction.

/// One decision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// What the clitic stands for: `"is"`, `"had"`, …; empty for a possessive, and for what is not
    /// a contraction.
    pub meaning: &'static str,
    /// The name of the rule.
    pub rule: &'static str,
    /// Whether the host is a noun, which becomes part of the name of the rule.
    pub of_noun: bool,
    /// How sure it is, above 0 and at most 1.
    pub confidence: f64,
    /// What else the clitic might stand for, the most likely first.
    pub others: &'static [&'static str],
}

pub const POSSESSIVE: Verdict = nothing("possessive", 0.9);

/// A decision between several meanings.
pub const fn means(
    meaning: &'static str,
    rule: &'static str,
    confidence: f64,
    others: &'static [&'static str],
) -> Verdict {
    Verdict {
        meaning,
        rule,
        of_noun: false,
        confidence,
        others,
    }
}

/// A decision to leave a word alone.
pub const fn nothing(rule: &'static str, confidence: f64) -> Verdict {
    means("", rule, confidence, &[])
}

/// 's is "is"; it might be "has".
pub const fn is(rule: &'static str, confidence: f64) -> Verdict {
    means("is", rule, confidence, &["has"])
}

/// 's is "has"; it might be "is".
pub const fn has(rule: &'static str, confidence: f64) -> Verdict {
    means("has", rule, confidence, &["is"])
}

/// 's is "is"; it might be a possessive.
pub const fn only_is(rule: &'static str, confidence: f64) -> Verdict {
    means("is", rule, confidence, &[])
}

/// 's is "has"; it might be a possessive.
pub const fn only_has(rule: &'static str, confidence: f64) -> Verdict {
    means("has", rule, confidence, &[])
}

/// 'd is "had"; it might be "would".
pub const fn had(rule: &'static str, confidence: f64) -> Verdict {
    means("had", rule, confidence, &["would"])
}

/// 'd is "would"; it might be "had".
pub const fn would(rule: &'static str, confidence: f64) -> Verdict {
    means("would", rule, confidence, &["had"])
}

impl Verdict {
    /// The same decision for a noun, with less confidence.
    pub fn of_noun(self, most: f64) -> Self {
        Verdict {
            of_noun: true,
            confidence: self.confidence.min(most),
            ..self
        }
    }
}
