using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Json;

/// <summary>
/// Runs policies over a JSON value and changes its strings in place: arguments and results of tool calls, over MCP or made by the gateway itself. Every byte that no rule changes stays
/// as it came, and what comes out is JSON of the same structure. Pure, no I/O. Linear in the length of the value.
/// </summary>
/// <remarks>
/// For MCP: <c>JsonGuard.Check(arguments, JsonShape.Value, new JsonPlace(GuardrailScope.Mcp, GuardSource.Assistant, "server/tool"), policies, context)</c> before the call, and the same with
/// <see cref="JsonShape.ToolResult"/> and <see cref="GuardSource.Tool"/> for what comes back. Rules count that name the scope <c>mcp</c>. Stand-ins of <c>pseudonymize</c> come from
/// <see cref="GuardContext.Substitutes"/> (<see cref="TextSubstitutes"/>, or a session of the vault); <see cref="Restore"/> puts them back. Whoever also runs rules that ask other services uses
/// <see cref="JsonValueTexts"/> and checks its texts himself.
/// </remarks>
public static class JsonGuard
{
    /// <summary>Checks a value. Rules that ask other services are not run; they stand in the notes as pending.</summary>
    /// <param name="json">The value.</param>
    /// <param name="shape">What it is.</param>
    /// <param name="place">Where it stands and who wrote it.</param>
    /// <param name="policies">What to look for.</param>
    /// <param name="context">What the check may use besides; null: nothing.</param>
    /// <returns>Null when it is no JSON.</returns>
    public static JsonGuardOutcome? Check(ReadOnlyMemory<byte> json, JsonShape shape, JsonPlace place, PolicySet policies, GuardContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(policies);
        if (JsonValueTexts.TryRead(json, shape, place) is not { } texts)
        {
            return null;
        }

        var outcome = GuardEngine.Check(texts.All, policies, context);
        return new JsonGuardOutcome(outcome, outcome.Verdict == GuardVerdict.Block ? json : texts.Apply(outcome.Texts), texts.HasMedia);
    }

    /// <summary>Puts originals back wherever their pseudonyms stand in the strings of a value, whatever escapes they are written with.</summary>
    /// <param name="json">The value.</param>
    /// <param name="restorer">The pseudonyms.</param>
    public static ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> json, PseudonymRestorer restorer)
    {
        ArgumentNullException.ThrowIfNull(restorer);
        return restorer.IsEmpty ? json : System.Text.Encoding.UTF8.GetBytes(restorer.Restore(System.Text.Encoding.UTF8.GetString(json.Span), isJson: true));
    }
}

/// <summary>What a check of a JSON value came to.</summary>
/// <param name="Outcome">Verdict, message, notes and findings. The indexes of findings are those of <see cref="JsonValueTexts.All"/>.</param>
/// <param name="Json">The value as it goes on; the same memory as given where nothing changed. When the verdict is block it goes nowhere.</param>
/// <param name="HasMedia">True when there were media in it, which no rule looked at.</param>
public sealed record JsonGuardOutcome(GuardOutcome Outcome, ReadOnlyMemory<byte> Json, bool HasMedia)
{
    /// <summary>Whether the value may pass, as <see cref="Json"/>. What waits for approval or should go to another route may not.</summary>
    public bool MayPass => Outcome.Verdict == GuardVerdict.Allow;
}
