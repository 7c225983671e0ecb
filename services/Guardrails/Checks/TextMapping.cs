using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Guardrails.Engine;

namespace Gateway.Guardrails.Checks;

/// <summary>Between the wire and the engine.</summary>
internal static class TextMapping
{
    public static bool IsSource(string name) => Enum.TryParse<GuardSource>(name, ignoreCase: true, out var source) && Enum.IsDefined(source) && !char.IsAsciiDigit(name[0]);

    public static IReadOnlyList<GuardText> TextsOf(GuardCheckRequest request)
    {
        var place = request.Direction == GuardDirection.Output ? GuardrailScope.Output : GuardrailScope.Input;
        return
        [
            .. request.Texts.Select(t => new GuardText(t, place)),
            .. request.Items.Select(static i => new GuardText(i.Text, i.Place) { Source = i.Source is { } source ? Enum.Parse<GuardSource>(source, ignoreCase: true) : GuardSource.Unknown, Tool = i.Tool, IsJson = i.IsJson }),
        ];
    }

    public static GuardCheckResponse Answer(GuardOutcome outcome, IReadOnlyList<GuardText> given) => new()
    {
        Verdict = (GuardCheckVerdict)outcome.Verdict,
        ShadowVerdict = outcome.ShadowVerdict == outcome.Verdict ? null : (GuardCheckVerdict)outcome.ShadowVerdict,
        Findings = [.. outcome.Findings.Select(FindingOf)],
        Changed = [.. Enumerable.Range(0, given.Count).Where(i => outcome.Texts[i].Text != given[i].Text).Select(i => new GuardChangedText(i, outcome.Texts[i].Text))],
        Notes =
        [
            .. outcome.Notes.Select(static n => new GuardRuleNote
            {
                Policy = n.Policy, Rule = n.Rule, Detector = n.Detector, Action = n.Action, Mode = n.Mode, Count = n.Count, Kinds = n.Kinds, Failure = n.Failure ?? (n.IsPending ? "not run here" : null),
            }),
        ],
        Message = outcome.Message,
        Route = outcome.Route,
        IsFailure = outcome.IsFailure,
    };

    public static GuardCheckFinding FindingOf(GuardFinding found) => new()
    {
        Detector = found.Detector, Index = found.Index, Start = found.Start, Length = found.Length, Policy = found.Policy, Rule = found.Rule, Kind = found.Kind, Action = found.Action, Score = found.Score,
    };
}
