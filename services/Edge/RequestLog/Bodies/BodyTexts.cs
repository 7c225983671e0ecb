using System.Buffers;
using System.Text;
using Gateway.Contracts.RequestLog;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;

namespace Gateway.Edge.RequestLog.Bodies;

/// <summary>Makes of captured bytes what may be kept of them: one redacted text.</summary>
internal sealed class BodyTexts(IBodyRedactor redactor, TimeProvider time)
{
    private static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    /// <summary>The request; null where there was none.</summary>
    public LoggedBody? Request(LogDraft draft)
    {
        if (draft.Capture is not { Request: { Total: > 0 } captured })
        {
            return null;
        }

        var most = draft.Settings.MaxBodyBytes;
        return draft.Form is { } form ? Form(captured, form, most) : Json(captured.Memory, captured.Total, captured.IsCut, most, out _);
    }

    /// <summary>The answer, and why the model stopped; null where there was none.</summary>
    public LoggedBody? Answer(LogDraft draft, out string finish)
    {
        finish = "";
        if (draft.Capture is not { Answer: { Total: > 0 } captured } capture)
        {
            return null;
        }

        var most = draft.Settings.MaxBodyBytes;
        if (capture.IsStream)
        {
            return draft.IsChat ? Stream(draft, captured, out finish) : Remark(captured, "a stream");
        }

        var type = draft.AnswerType;
        return type.Contains("json", StringComparison.OrdinalIgnoreCase) ? Json(captured.Memory, captured.Total, captured.IsCut, most, out finish)
            : type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) ? Plain(captured, most)
            : Remark(captured, type.Length == 0 ? "an answer" : type);
    }

    /// <summary>A short text of the gateway's own that may quote the caller.</summary>
    public string Message(string text)
    {
        var places = 0;
        return redactor.Redact(text.Length <= 1_000 ? text : text[..1_000], ref places) ?? "";
    }

    private LoggedBody Json(ReadOnlyMemory<byte> json, long bytes, bool isCut, int most, out string finish)
    {
        var span = json.Span;
        var copy = new JsonRedaction(redactor, most);
        var text = copy.Copy(span.StartsWith(Bom) ? span[3..] : span, !isCut);
        finish = copy.FinishReason;
        return new LoggedBody { Text = text, Bytes = bytes, Cut = copy.IsCut, Redacted = copy.Places };
    }

    private LoggedBody Plain(CapturedBytes captured, int most)
    {
        // What is cut off may be the rest of something that would have been redacted: the last line goes.
        var text = Encoding.UTF8.GetString(captured.Memory.Span);
        if (captured.IsCut)
        {
            text = text[..Math.Max(0, text.LastIndexOf('\n'))];
        }

        var places = 0;
        var kept = redactor.Redact(text, ref places) ?? "";
        var isLong = kept.Length > most;
        return new LoggedBody { Text = isLong ? kept[..(char.IsHighSurrogate(kept[most - 1]) ? most - 1 : most)] : kept, Bytes = captured.Total, Cut = captured.IsCut || isLong, Redacted = places };
    }

    private LoggedBody Form(CapturedBytes captured, IReadOnlyList<FormPart> parts, int most)
    {
        var places = 0;
        var text = new StringBuilder();
        var isCut = captured.IsCut;
        foreach (var part in parts)
        {
            if (text.Length >= most)
            {
                isCut = true;
                break;
            }

            var name = redactor.Redact(part.Name, ref places) ?? "";
            if (part.IsFile || part.Start + part.Length > captured.Length)
            {
                text.Append(name).Append(": [left out: ").Append(part.Length).Append(" bytes").Append(part.IsFile ? " of a file]" : "]").Append('\n');
                continue;
            }

            var value = redactor.Redact(Encoding.UTF8.GetString(captured.Memory.Span.Slice(part.Start, part.Length)), ref places) ?? "[left out]";
            var room = Math.Max(0, most - text.Length);
            isCut |= value.Length > room;
            text.Append(name).Append(": ").Append(value.Length > room ? value[..room] : value).Append('\n');
        }

        return new LoggedBody { Text = text.ToString(), Bytes = captured.Total, Cut = isCut, Redacted = places };
    }

    private static LoggedBody Remark(CapturedBytes captured, string what) =>
        new() { Text = $"[left out: {what}, {captured.Total} bytes]", Bytes = captured.Total, Cut = true };

    /// <summary>
    /// Puts a stream together to the whole answer that it stands for. Only then is it redacted: what an event breaks in two would pass in pieces.
    /// </summary>
    private LoggedBody Stream(LogDraft draft, CapturedBytes captured, out string finish)
    {
        var dialect = ChatDialects.Get(draft.Dialect);
        var reader = dialect.CreateStreamReader();
        var answer = new AnswerAssembler(draft.Dialect);
        var events = new List<ChatEvent>();
        var isReadable = true;
        using (var frames = Frames(draft))
        {
            var rest = captured.Memory;
            while (isReadable && !rest.IsEmpty)
            {
                var room = frames.GetMemory();
                var count = Math.Min(room.Length, rest.Length);
                rest[..count].CopyTo(room);
                frames.Advance(count);
                rest = rest[count..];
                while (isReadable && frames.TryRead(out var frame))
                {
                    var opened = frames.Open(frame);
                    isReadable = opened.Payload.IsEmpty || reader.Read(opened.EventName.Span, opened.Payload.Span, events);
                    Take(events, answer);
                }

                isReadable &= !frames.IsMalformed && !frames.Overflowed;
            }
        }

        reader.Complete(events);
        Take(events, answer);
        var whole = new ArrayBufferWriter<byte>(4096);
        dialect.WriteAnswer(
            answer.Build(),
            new AnswerContext { Id = draft.RequestId, Model = draft.Usage.Model ?? "", Created = time.GetUtcNow() },
            whole);
        var body = Json(whole.WrittenMemory, captured.Total, isCut: false, draft.Settings.MaxBodyBytes, out finish);
        body.Cut |= captured.IsCut || !isReadable || !answer.IsComplete;
        if (!answer.IsComplete)
        {
            finish = "";
        }

        return body;
    }

    private static void Take(List<ChatEvent> events, AnswerAssembler answer)
    {
        foreach (var e in events)
        {
            answer.Add(e);
        }

        events.Clear();
    }

    private static IFrameReader Frames(LogDraft draft) =>
        draft.IsJsonArray ? new JsonFrameReader()
        : draft.Dialect == DialectId.BedrockConverse ? new EventStreamFrameReader()
        : new SseFrameReader();
}
