namespace Gateway.Guardrails.Engine.Detection;

/// <summary>Puts the outcomes of policies that ran one after the other together.</summary>
internal static class Outcomes
{
    public static GuardOutcome Then(GuardOutcome first, GuardOutcome second)
    {
        var decides = Decision.Strictness(second.Verdict) > Decision.Strictness(first.Verdict) ? second : first;
        return new GuardOutcome
        {
            Verdict = decides.Verdict,
            ShadowVerdict = Decision.Strictness(second.ShadowVerdict) > Decision.Strictness(first.ShadowVerdict) ? second.ShadowVerdict : first.ShadowVerdict,
            Texts = second.Texts,
            IsChanged = first.IsChanged || second.IsChanged,
            Findings = Both(first.Findings, second.Findings),
            Notes = Both(first.Notes, second.Notes),
            Message = decides.Message,
            Route = decides.Route,
            IsFailure = decides.IsFailure,
        };
    }

    private static IReadOnlyList<T> Both<T>(IReadOnlyList<T> first, IReadOnlyList<T> second) => first.Count == 0 ? second : second.Count == 0 ? first : [.. first, .. second];
}
