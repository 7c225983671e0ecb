using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Changes;

namespace Gateway.Edge.Guarding;

/// <summary>
/// Runs a request's policies over the tool calls that the gateway makes for it: what the model wants to hand over (scope <c>toolCall</c>) and what the tool says (scope <c>toolResult</c>, which
/// <c>input</c> covers). Each method may be used any number of times in one request, one at a time. Where no policy applies, texts come back as they are and nothing is allocated.
/// </summary>
internal sealed class ToolGuard(GuardRunner runner, Pseudonyms pseudonyms, Approvals approvals)
{
    /// <summary>Checks the arguments of a call as the model wrote them, and puts back what was taken out of the request: tools get originals.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tool">The tool, by the name that policies know it by.</param>
    /// <param name="arguments">The arguments, JSON.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The arguments as they go to the tool; or why the call must not be made.</returns>
    public ValueTask<(string Text, Failure? Failure)> CheckCallAsync(RequestContext context, string tool, string arguments, CancellationToken cancellationToken) =>
        context.Guard is null
            ? new((arguments, null))
            : CheckAsync(context, new GuardText(arguments, GuardrailScope.ToolCall) { Source = GuardSource.Assistant, Tool = tool, IsJson = true }, cancellationToken);

    /// <summary>Checks what a tool says before a model reads it. Its stand-ins are those of the request's conversation.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tool">The tool, by the name that policies know it by.</param>
    /// <param name="result">The result.</param>
    /// <param name="isJson">True for JSON, which stays JSON.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The result as the model may read it; or why it may not.</returns>
    public ValueTask<(string Text, Failure? Failure)> CheckResultAsync(RequestContext context, string tool, string result, bool isJson, CancellationToken cancellationToken) =>
        context.Guard is null && context.Model.Guards.BlockedTerms is null
            ? new((result, null))
            : CheckAsync(context, new GuardText(result, GuardrailScope.ToolResult) { Source = GuardSource.Tool, Tool = tool, IsJson = isJson }, cancellationToken);

    private async ValueTask<(string Text, Failure? Failure)> CheckAsync(RequestContext context, GuardText text, CancellationToken cancellationToken)
    {
        var isResult = text.Place == GuardrailScope.ToolResult;
        if (isResult && context.Model.Guards.BlockedTerms is { } terms && GuardEngine.Check([text with { Place = GuardrailScope.Input }], terms) is { Verdict: GuardVerdict.Block })
        {
            return (text.Text, GuardFailures.Blocked());
        }

        if (context.Guard is not { } state || text.Text.Length == 0)
        {
            return (text.Text, null);
        }

        GuardOutcome outcome;
        for (var attempt = 1; ; attempt++)
        {
            // What is given out now must not be given out for something else meanwhile, so each check begins with what the vault has.
            var conversation = state.Conversation is { } known ? await pseudonyms.ReopenAsync(known, cancellationToken).ConfigureAwait(false) : null;
            var with = new GuardContext { Substitutes = conversation, SystemPrompts = state.SystemPrompts, Clock = runner.Time };
            outcome = await runner.CheckAsync(context, [text], state.Ran, with, cancellationToken).ConfigureAwait(false);
            if (conversation is null || outcome.Verdict == GuardVerdict.Block || await pseudonyms.TrySaveAsync(conversation, cancellationToken).ConfigureAwait(false))
            {
                state.Conversation = conversation;
                break;
            }

            if (attempt == Pseudonyms.Attempts)
            {
                return (text.Text, GuardFailures.Unavailable());
            }
        }

        state.Note(outcome.Notes);
        if (outcome.Verdict == GuardVerdict.Block)
        {
            return (text.Text, outcome.IsFailure ? GuardFailures.Unavailable() : isResult ? GuardFailures.Blocked(outcome.Message) : GuardFailures.AnswerBlocked(outcome.Message));
        }

        if (outcome.Verdict == GuardVerdict.Approve && await approvals.CheckAsync(context, outcome, System.Text.Encoding.UTF8.GetBytes(text.Text)).ConfigureAwait(false) is { } unapproved)
        {
            return (text.Text, unapproved);
        }

        var passed = outcome.Texts[0].Text;
        return (isResult || state.Conversation is not { Pseudonyms: { Count: > 0 } given } ? passed : new PseudonymRestorer(given).Restore(passed, isJson: true), null);
    }
}
