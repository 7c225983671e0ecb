using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Guarding.Output;

/// <summary>Rules over answers that ask other services: they are asked once the whole answer is there, before the rules of this process look at what is left of it.</summary>
internal sealed class RemoteOutput
{
    private readonly RequestContext _context;
    private readonly GuardRunner _runner;
    private readonly List<CompiledPolicy> _policies;

    public RemoteOutput(RequestContext context, GuardRunner runner)
    {
        (_context, _runner) = (context, runner);
        _policies = PoliciesOf(context);
    }

    /// <summary>Whether there are any.</summary>
    public bool Applies => _policies.Count > 0;

    /// <summary>True when they changed the answer.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Whether a request's answer has to be asked others about.</summary>
    public static bool AppliesTo(RequestContext context) => PoliciesOf(context).Count > 0;

    /// <summary>Asks about an answer.</summary>
    public async ValueTask<(ChatAnswer Answer, Failure? Failure)> CheckAsync(ChatAnswer answer, CancellationToken cancellationToken)
    {
        var places = new List<(GuardText Text, Action<string> Put)>();
        foreach (var part in answer.Choices.SelectMany(static c => c.Parts))
        {
            switch (part)
            {
                case TextPart text:
                    places.Add((Of(text.Text, GuardrailScope.Output), t => text.Text = t));
                    break;
                case ReasoningPart reasoning:
                    places.Add((Of(reasoning.Text, GuardrailScope.Output), t => (reasoning.Text, reasoning.Signature) = (t, null)));
                    break;
                case RefusalPart refusal:
                    places.Add((Of(refusal.Text, GuardrailScope.Output), t => refusal.Text = t));
                    break;
                case ToolCallPart call:
                    places.Add((Of(call.Arguments, GuardrailScope.ToolCall) with { Tool = call.Name, IsJson = !call.IsCustom }, t => call.Arguments = t));
                    break;
            }
        }

        places.RemoveAll(static p => p.Text.Text.Length == 0);
        var outcome = GuardOutcome.Untouched([.. places.Select(static p => p.Text)]);
        foreach (var policy in _policies)
        {
            outcome = GuardEngine.Combine(outcome, await _runner.CheckRemoteAsync(_context, outcome.Texts, policy, cancellationToken).ConfigureAwait(false));
            if (outcome.Verdict == GuardVerdict.Block)
            {
                break;
            }
        }

        _context.Guard!.Note(outcome.Notes);
        if (outcome.Verdict is GuardVerdict.Block or GuardVerdict.Approve)
        {
            _context.Outcome = RequestOutcome.ContentBlocked;
            return outcome.IsFailure ? (answer, GuardFailures.Unavailable()) : (Emptied(answer, outcome.Message), null);
        }

        for (var i = 0; i < places.Count; i++)
        {
            if (outcome.Texts[i].Text != places[i].Text.Text)
            {
                IsChanged = true;
                places[i].Put(outcome.Texts[i].Text);
            }
        }

        return (answer, null);
    }

    // What a service forbids it forbids as a whole: nothing of it is passed on.
    private ChatAnswer Emptied(ChatAnswer answer, string? message)
    {
        foreach (var choice in answer.Choices)
        {
            choice.Parts.Clear();
            (choice.Finish, choice.FinishDetail, choice.StopSequence, choice.LogProbabilities) = (FinishReason.ContentFilter, "guardrail", null, null);
            if (message is not null)
            {
                choice.Parts.Add(new RefusalPart(message));
            }
        }

        IsChanged = true;
        _context.Guard!.IsAnswerBlocked = true;
        _context.Failure = GuardFailures.AnswerBlocked();
        return answer;
    }

    /// <summary>The policies with rules that are asked about whole answers.</summary>
    public static List<CompiledPolicy> PoliciesOf(RequestContext context) =>
        context.Guard is not { } state ? [] : [.. state.Ran.Policies.Where(static p => p.HasRemoteRules && p.Rules.Any(static r => r.Detector is null && (r.LooksAt(GuardrailScope.Output) || r.LooksAt(GuardrailScope.ToolCall))))];

    private static GuardText Of(string text, GuardrailScope place) => new(text, place) { Source = GuardSource.Assistant };
}
