using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;
using Gateway.McpHub.Gate;

namespace Gateway.McpHub.Guarding;

/// <summary>What guardrails made of a text.</summary>
/// <param name="Verdict">What happens now.</param>
/// <param name="Texts">The texts as they go on.</param>
/// <param name="IsChanged">Whether any is another than before.</param>
/// <param name="Message">What the caller is told when it does not pass; null: the general text.</param>
internal sealed record Guarded(GuardVerdict Verdict, IReadOnlyList<GuardText> Texts, bool IsChanged, string? Message)
{
    /// <summary>Whether it is blocked because a rule failed rather than because it found something.</summary>
    public bool IsFailure { get; init; }
}

/// <summary>Runs guardrail policies over the arguments and the result of a call. Pseudonyms stay the same through a session, and what stands for the caller's own is put back in what comes back.</summary>
internal sealed class CallGuard(PolicyRunner runner, SessionPseudonyms pseudonyms, GuardMetrics metrics)
{
    private const string Unavailable = "A guardrail that policy requires gives no verdict (fail: closed). Try again in a few seconds.";
    private const string Busy = "The pseudonyms of this session could not be kept. Make the call again.";
    private const int MostTold = 10;

    /// <summary>Checks the arguments of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="arguments">The arguments, JSON.</param>
    /// <param name="policies">The policies.</param>
    /// <param name="notes">Takes what was done: never a text.</param>
    /// <param name="cancellation">Gives up.</param>
    public ValueTask<Guarded> CheckArgumentsAsync(ToolCall call, string arguments, PolicySet policies, List<string> notes, CancellationToken cancellation) =>
        CheckAsync(
            call, [new GuardText(arguments, GuardrailScope.Mcp) { Source = GuardSource.Assistant, Tool = call.Tool.Name, IsJson = true }], policies, notes, isResult: false, cancellation);

    /// <summary>Checks the texts of a result.</summary>
    /// <param name="call">The call.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="policies">The policies.</param>
    /// <param name="notes">Takes what was done: never a text.</param>
    /// <param name="cancellation">Gives up.</param>
    public ValueTask<Guarded> CheckResultAsync(ToolCall call, IReadOnlyList<GuardText> texts, PolicySet policies, List<string> notes, CancellationToken cancellation) =>
        CheckAsync(call, texts, policies, notes, isResult: true, cancellation);

    /// <summary>Puts back what the caller himself sent; null when there is nothing, or no policy that takes anything out. What only came in results stays hidden.</summary>
    public ValueTask<PseudonymRestorer?> RestorerAsync(ToolCall call, PolicySet policies, CancellationToken cancellation) =>
        SessionPseudonyms.Concerns(policies) ? pseudonyms.RestorerAsync(call.Caller, cancellation) : default;

    /// <summary>Adds a note, as far as there is room.</summary>
    public static void Note(List<string> notes, string note)
    {
        if (notes.Count < 20)
        {
            notes.Add(note.Length <= 300 ? note : note[..300]);
        }
    }

    private async ValueTask<Guarded> CheckAsync(ToolCall call, IReadOnlyList<GuardText> texts, PolicySet policies, List<string> notes, bool isResult, CancellationToken cancellation)
    {
        var (done, outcome) = SessionPseudonyms.Concerns(policies)
            ? await pseudonyms.UseAsync(call.Caller, !isResult, substitutes => runner.CheckAsync(call, texts, policies, substitutes, cancellation), cancellation).ConfigureAwait(false)
            : (true, await runner.CheckAsync(call, texts, policies, null, cancellation).ConfigureAwait(false));
        metrics.Count(outcome.Notes);
        var what = isResult ? "result" : "arguments";
        foreach (var note in outcome.Notes.Where(static n => n.Count > 0 || n.Failure is not null).Take(MostTold))
        {
            Note(notes, $"{what}: {Said(note)} {note.Detector}{(note.Kinds.Count > 0 ? ":" + string.Join(',', note.Kinds.Take(5)) : "")}{(note.Mode == GuardrailMode.Shadow ? " (shadow)" : "")}");
        }

        if (!done)
        {
            Note(notes, $"{what}: pseudonyms could not be kept");
            return new Guarded(GuardVerdict.Block, texts, false, Busy) { IsFailure = true };
        }

        // A call has no other route that it could take.
        var verdict = outcome.Verdict == GuardVerdict.Route ? GuardVerdict.Allow : outcome.Verdict;
        var isFailure = verdict == GuardVerdict.Block && outcome.IsFailure;
        return new Guarded(verdict, outcome.Texts, outcome.IsChanged, isFailure ? Unavailable : outcome.Message) { IsFailure = isFailure };
    }

    private static string Said(RuleNote note) => note.Failure is { } failure ? $"failed ({failure})" : note.IsRedactedInstead ? "redact" : note.Action.ToString().ToLowerInvariant();
}
