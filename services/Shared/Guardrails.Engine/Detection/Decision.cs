using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Detection;

/// <summary>What a policy decides: the strictest action of what was found, and of equal ones that of the first rule.</summary>
internal sealed class Decision(CompiledPolicy policy)
{
    private int _rule = int.MaxValue;
    private bool _failed;

    public GuardVerdict Verdict { get; private set; } = GuardVerdict.Allow;

    public void Add(int rule, GuardrailAction action)
    {
        var verdict = Of(action);
        if (Strictness(verdict) > Strictness(Verdict) || (verdict == Verdict && verdict != GuardVerdict.Allow && rule < _rule))
        {
            Verdict = verdict;
            _rule = rule;
        }
    }

    public void Fail()
    {
        if (Verdict != GuardVerdict.Block)
        {
            Verdict = GuardVerdict.Block;
            _rule = int.MaxValue;
            _failed = true;
        }
    }

    public GuardOutcome ToOutcome(IReadOnlyList<GuardText> texts, bool isChanged, IReadOnlyList<GuardFinding> findings, IReadOnlyList<RuleNote> notes)
    {
        var rule = _rule < policy.Rules.Count ? policy.Rules[_rule].Entry : null;
        return new GuardOutcome
        {
            Verdict = policy.IsShadow ? GuardVerdict.Allow : Verdict,
            ShadowVerdict = Verdict,
            Texts = texts,
            IsChanged = isChanged,
            Findings = findings,
            Notes = notes,
            Message = policy.IsShadow ? null : rule?.Message,
            Route = policy.IsShadow ? null : rule?.Route,
            IsFailure = _failed && !policy.IsShadow,
        };
    }

    public static GuardVerdict Of(GuardrailAction action) => action switch
    {
        GuardrailAction.Block => GuardVerdict.Block,
        GuardrailAction.Approve => GuardVerdict.Approve,
        GuardrailAction.Route => GuardVerdict.Route,
        _ => GuardVerdict.Allow,
    };

    public static int Strictness(GuardVerdict verdict) => verdict switch
    {
        GuardVerdict.Block => 3,
        GuardVerdict.Approve => 2,
        GuardVerdict.Route => 1,
        _ => 0,
    };
}
