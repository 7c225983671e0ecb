using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.Guarding.Requests;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Requests;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>
/// Guards answers that are passed on in their provider's form: what rules change is changed in place, every other byte stays the provider's. JSON of any form is read text by text, plain text as
/// one; what is neither nobody can look at, and the policy says whether it passes.
/// </summary>
internal sealed class PassedAnswers(GuardRunner runner)
{
    /// <summary>Whether answers of a request are looked at.</summary>
    public static bool AppliesTo(RequestContext context) => OutputGuard.AppliesTo(context);

    /// <summary>The guard of an answer that comes event by event; null for answers of another type.</summary>
    public PassedFrames? FramesOf(string mediaType, RequestContext context) => PassedFrames.For(mediaType, context, runner);

    /// <summary>Checks a whole answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="content">The answer.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The answer as it goes on; or why it may not.</returns>
    public async ValueTask<(ReadOnlyMemory<byte> Content, Failure? Failure)> CheckAsync(RequestContext context, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (context.Guard is not { } state || content.Length == 0)
        {
            return (content, null);
        }

        if (IsChunks(content))
        {
            return await CheckChunksAsync(context, content, cancellationToken).ConfigureAwait(false);
        }

        if (Read(content) is not { } texts)
        {
            return (content, Unseen(context));
        }

        state.HasUnseen |= texts.HasMedia;
        var all = texts.All.Where(static t => t.Length > 0).ToList();
        int[] read = [.. Enumerable.Range(0, all.Count).Where(i => all[i].Form != TextForm.Tells)];
        GuardText[] given = [.. all.Select(static t => t.Text)];
        var with = new GuardContext { Substitutes = state.Conversation, SystemPrompts = state.SystemPrompts, Clock = runner.Time };
        var outcome = await runner.CheckAsync(context, [.. read.Select(i => given[i])], state.Ran, with, cancellationToken).ConfigureAwait(false);
        state.Note(outcome.Notes);
        if (outcome.Verdict is GuardVerdict.Block or GuardVerdict.Approve)
        {
            state.IsAnswerBlocked = true;
            return (content, outcome.IsFailure ? GuardFailures.Unavailable() : GuardFailures.AnswerBlocked(outcome.Message));
        }

        var restorer = state.Conversation is { Pseudonyms: { Count: > 0 } pseudonyms } ? new PseudonymRestorer(pseudonyms) : null;
        for (var i = 0; i < read.Length; i++)
        {
            var text = outcome.Texts[i];
            given[read[i]] = restorer is null ? text : text with { Text = restorer.Restore(text.Text, text.IsJson) };
        }

        if (TextEdits.Apply(content.Span, all, given) is not { } edited)
        {
            return (content, null);
        }

        // Who uses it does not know when its buffer may be given back.
        var own = edited.Span.ToArray();
        edited.Return();
        return (own, null);
    }

    /// <summary>What becomes of something that no rule can look at: it ends the answer, or it is told of and passes.</summary>
    public static Failure? Unseen(RequestContext context)
    {
        var mustSee = InputGuard.MustSeeAnswer(context);
        if (context.Guard is { } state)
        {
            (state.HasUnseen, state.IsUnseenRefused) = (true, mustSee);
        }

        return mustSee ? GuardFailures.AnswerUnreadable() : null;
    }

    private static PassedTexts? Read(ReadOnlyMemory<byte> content)
    {
        if (RequestTexts.TryReadAnswer(content, out var json))
        {
            return new PassedTexts(json!.All, json.HasMedia);
        }

        return LooseContent.IsText(content.Span)
            ? new PassedTexts([new RequestText(new GuardText(Encoding.UTF8.GetString(content.Span), GuardrailScope.Output) { Source = GuardSource.Assistant }, 0, content.Length, TextForm.Plain)], false)
            : null;
    }

    /// <summary>Whether it is a stream of Gemini's that came as one array: the pieces of one text.</summary>
    private static bool IsChunks(ReadOnlyMemory<byte> content)
    {
        var start = content.Span.IndexOfAnyExcept(" \t\r\n"u8);
        return start >= 0 && content.Span[start] == '[' && content.Span.IndexOf("\"candidates\""u8) >= 0;
    }

    private async ValueTask<(ReadOnlyMemory<byte> Content, Failure? Failure)> CheckChunksAsync(RequestContext context, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 1024 });
            var chunks = document.RootElement.EnumerateArray().Select(static c => (ReadOnlyMemory<byte>)System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(c).ToArray()).ToList();
            var held = HeldEvents.For(context, runner);
            if (held is not null)
            {
                chunks.ForEach(held.Add);
                if (await held.CheckAsync(cancellationToken).ConfigureAwait(false) is { Failure: { } asked })
                {
                    return (content, asked);
                }
            }

            var events = EventTexts.For(context)!;
            var output = new List<PassedEvent>();
            for (var i = 0; i < chunks.Count && !events.IsOver; i++)
            {
                events.Pass(held?.Changed(i) ?? chunks[i], default, output);
            }

            events.Complete(output);
            if (events.Failure is { } failure)
            {
                return (content, failure);
            }

            var array = new ArrayBufferWriter<byte>(content.Length + 64);
            array.Write("["u8);
            for (var i = 0; i < output.Count; i++)
            {
                array.Write(i == 0 ? ""u8 : ",\r\n"u8);
                array.Write(output[i].Json.Span);
            }

            array.Write("]"u8);
            return (array.WrittenMemory, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (content, Unseen(context));
        }
    }

    private sealed record PassedTexts(IReadOnlyList<RequestText> All, bool HasMedia);
}
