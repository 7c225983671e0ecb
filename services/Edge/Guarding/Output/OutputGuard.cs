using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding.Requests;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Translation;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Guarding.Output;

/// <summary>Step 9: may this text come back. Whole answers are played through the guard of streams, so that the form of an answer makes no difference to its text.</summary>
internal sealed class OutputGuard(GuardRunner runner)
{
    /// <summary>Whether the answer of a request is looked at.</summary>
    public static bool AppliesTo(RequestContext context) => EventGuard.AppliesTo(context);

    /// <summary>Guards a whole answer that is about to be passed on.</summary>
    /// <returns>What goes on in its place, to be returned by who asked, or null for the answer as it is; or the failure it ends with.</returns>
    public ValueTask<(PooledBody? Body, Failure? Failure)> CheckAsync(RequestContext context) =>
        context.Operation.Upstream == UpstreamOperation.Chat ? GuardChatAsync(context) : GuardOtherAsync(context);

    private async ValueTask<(PooledBody? Body, Failure? Failure)> GuardChatAsync(RequestContext context)
    {
        var exchange = context.Answer.Form?.Exchange ?? ChatExchange.ForAnswer(context, context.Operation.Dialect, runner.Time.GetUtcNow());
        var answer = context.Answer.Form?.Whole;
        if (answer is null && !exchange.Caller.TryReadAnswer(context.Answer.Body.Memory, out answer))
        {
            return (null, InputGuard.MustSeeAnswer(context) ? GuardFailures.AnswerBlocked() : null);
        }

        var remote = new RemoteOutput(context, runner);
        if (remote.Applies)
        {
            var (changed, blocked) = await remote.CheckAsync(answer, context.Http.RequestAborted).ConfigureAwait(false);
            if (blocked is not null)
            {
                return (null, blocked);
            }

            answer = changed;
        }

        var guard = EventGuard.For(context, stopsEarly: false)!;
        var assembler = new AnswerAssembler(answer.Origin);
        var passed = new List<ChatEvent>();
        foreach (var e in AnswerPlayer.Play(answer))
        {
            guard.Pass(e, passed);
        }

        if (guard.IsBlocked)
        {
            (context.Outcome, context.Failure) = (RequestOutcome.ContentBlocked, GuardFailures.AnswerBlocked());
        }

        if (!guard.IsChanged && !remote.IsChanged)
        {
            return (null, null);
        }

        var isStream = context.Answer.Form is { IsPlayed: true };
        using var output = new PooledBodyWriter(4096);
        if (isStream)
        {
            var writer = exchange.Caller.CreateStreamWriter(exchange.Answer);
            passed.ForEach(e => writer.Write(e, output));
        }
        else
        {
            passed.ForEach(e => assembler.Add(e));
            exchange.Caller.WriteAnswer(assembler.Build(), exchange.Answer, output);
            context.Answer.Form = new AnswerForm { IsRewritten = true, ContentType = AnswerForm.Json };
        }

        return (output.Detach(), null);
    }

    /// <summary>Texts of answers that are no chat: transcripts and translations of recordings.</summary>
    private async ValueTask<(PooledBody? Body, Failure? Failure)> GuardOtherAsync(RequestContext context)
    {
        if (context.Operation.Operation != Operation.Transcription)
        {
            return (null, null);
        }

        var body = context.Answer.Body;
        IReadOnlyList<RequestText> all = RequestTexts.TryRead(body.Memory, GuardrailScope.Output, isPlainData: true, out var json)
            ? json!.All
            : [new RequestText(new GuardText(System.Text.Encoding.UTF8.GetString(body.Span), GuardrailScope.Output), 0, body.Length, TextForm.Plain)];
        GuardText[] texts = [.. all.Select(static t => t.Text with { Place = GuardrailScope.Output, Source = GuardSource.Assistant })];
        var state = context.Guard!;
        var outcome = await runner.CheckAsync(context, texts, state.Ran, new GuardContext { Substitutes = state.Conversation, Clock = runner.Time }, context.Http.RequestAborted).ConfigureAwait(false);
        state.Note(outcome.Notes);
        if (outcome.Verdict is GuardVerdict.Block or GuardVerdict.Approve)
        {
            context.Outcome = RequestOutcome.ContentBlocked;
            return (null, outcome.IsFailure ? GuardFailures.Unavailable() : GuardFailures.AnswerBlocked(outcome.Message));
        }

        return (TextEdits.Apply(body.Span, all, outcome.Texts), null);
    }
}
