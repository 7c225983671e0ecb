using System.Buffers;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Guarding.Output;

/// <summary>Step 9: may this text come back. Whole answers are played through the guard of streams, so that the form of an answer makes no difference to its text.</summary>
internal sealed class OutputGuard(GuardRunner runner, PassedAnswers passed)
{
    /// <summary>Whether the answer of a request is looked at.</summary>
    public static bool AppliesTo(RequestContext context) => EventGuard.AppliesTo(context);

    /// <summary>Guards a whole answer that is about to be passed on.</summary>
    /// <returns>What goes on in its place, to be returned by who asked, or null for the answer as it is; or the failure it ends with.</returns>
    public ValueTask<(PooledBody? Body, Failure? Failure)> CheckAsync(RequestContext context) =>
        context is { Operation.Upstream: UpstreamOperation.Chat, Route: not null } ? GuardChatAsync(context) : GuardOtherAsync(context);

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

    /// <summary>Answers that are no chat (transcripts and translations of recordings, what an image was made of, ranked documents), and those that a provider kept, with all they were made of.</summary>
    private async ValueTask<(PooledBody? Body, Failure? Failure)> GuardOtherAsync(RequestContext context)
    {
        if (context.Operation.Operation is not (Operation.Transcription or Operation.Image or Operation.Rerank or Operation.StoredResponse))
        {
            // Sound of a text that was looked at on its way there; numbers.
            context.Guard!.HasUnseen |= context.Operation.Operation == Operation.Speech;
            return (null, null);
        }

        var given = context.Answer.Body.Memory;
        var (content, failure) = await passed.CheckAsync(context, given, context.Http.RequestAborted).ConfigureAwait(false);
        if (failure is not null)
        {
            context.Outcome = RequestOutcome.ContentBlocked;
            return (null, failure);
        }

        if (content.Equals(given))
        {
            return (null, null);
        }

        using var output = new PooledBodyWriter(content.Length + 1);
        output.Write(content.Span);
        return (output.Detach(), null);
    }
}
