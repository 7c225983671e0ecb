using System.Diagnostics;

namespace Gateway.LlmSimulator.Answers;

/// <summary>The events of a streamed answer in order; tokens and the faults that belong to events are the writer's business.</summary>
internal sealed class StreamEvents : IStreamEvents
{
    private readonly AnswerPlan _plan;
    private readonly Utf8Buffer _head = new(256);
    private readonly Utf8Buffer _event = new(512);
    private readonly bool _chat;
    private int _number;

    public StreamEvents(AnswerPlan plan)
    {
        _plan = plan;
        _chat = plan.Operation == Operation.Chat;
        PlainAnswer.Head(_head, plan, _chat ? "chat.completion.chunk" : "text_completion");
    }

    public int Number => _number;

    public int Tokens { get; private set; }

    public int Count => (_chat ? 1 : 0) + TokenCount + (_chat ? _plan.ToolCalls.Count : 0) + 1 + (WithUsage ? 1 : 0);

    public (int From, int Count) Timed => (_chat ? 1 : 0, _plan.CompletionTokens);

    private int TokenCount => _plan.CompletionTokens;

    private bool WithUsage => _plan.IncludeUsage && _plan.Behaviour.Usage;

    public IEnumerable<ReadOnlyMemory<byte>> All()
    {
        if (_chat)
        {
            var role = _plan.ToolCalls.Count > 0 ? "{\"role\":\"assistant\",\"content\":null}" : "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}";
            yield return Event(e => e.Add("\"delta\":"u8).Add(role), null);
        }

        foreach (var piece in _plan.Thinking)
        {
            Tokens++;
            yield return Event(e => e.Add("\"delta\":{\"reasoning_content\":\""u8).Add(piece).Add("\"}"u8), null);
        }

        for (var c = 0; c < _plan.ToolCalls.Count; c++)
        {
            var (index, call) = (c, _plan.ToolCalls[c]);
            yield return Event(e => e.Add("\"delta\":{\"tool_calls\":[{\"index\":"u8).Add(index).Add(",\"id\":\""u8).Add(call.Id).Add("\",\"type\":\"function\",\"function\":{\"name\":\""u8).Add(call.Name).Add("\",\"arguments\":\"\"}}]}"u8), null);
            foreach (var piece in call.ArgumentPieces)
            {
                Tokens++;
                yield return Event(e => e.Add("\"delta\":{\"tool_calls\":[{\"index\":"u8).Add(index).Add(",\"function\":{\"arguments\":\""u8).Add(piece).Add("\"}}]}"u8), null);
            }
        }

        foreach (var piece in _plan.ToolCalls.Count == 0 ? _plan.Pieces : [])
        {
            Tokens++;
            yield return Event(e => e.Add(_plan.Refused ? "\"delta\":{\"refusal\":\"" : _chat ? "\"delta\":{\"content\":\"" : "\"text\":\"").Add(piece).Add(_chat ? "\"}" : "\""), null);
        }

        yield return Event(e => e.Add(_chat ? "\"delta\":{}" : "\"text\":\"\""), _plan.FinishGiven);
        if (WithUsage)
        {
            yield return UsageEvent();
        }
    }

    public ReadOnlyMemory<byte> Error(string? code)
    {
        _event.Clear();
        _ = _event.Add("data: {\"error\":{\"message\":\"The server had an error while processing your request. Sorry about that!\",\"type\":\"server_error\",\"param\":null,\"code\":\""u8).Add(code ?? "server_error").Add("\"}}"u8);
        return End();
    }

    public ReadOnlyMemory<byte> Broken()
    {
        _event.Clear();
        _ = _event.Add("data: "u8).Add(_head.Written.Span).Add(",\"choices\":[{\"index\":0,\"del"u8);
        return End();
    }

    public ReadOnlyMemory<byte> Done()
    {
        _event.Clear();
        _ = _event.Add("data: [DONE]"u8);
        return End();
    }

    private ReadOnlyMemory<byte> UsageEvent()
    {
        Start();
        _ = _event.Add(",\"choices\":[],\"usage\":"u8);
        PlainAnswer.Usage(_event, _plan, _plan.CompletionTokens);
        return Finish();
    }

    private ReadOnlyMemory<byte> Event(Action<Utf8Buffer> payload, string? finish)
    {
        Start();
        _ = _event.Add(",\"choices\":[{\"index\":0,"u8);
        payload(_event);
        _ = _event.Add(",\"logprobs\":null,\"finish_reason\":"u8).Add(finish is null ? "null" : "\"" + finish + "\"").Add("}]"u8);
        if (WithUsage)
        {
            _ = _event.Add(",\"usage\":"u8);
            if (_plan.Behaviour.RunningUsage)
            {
                PlainAnswer.Usage(_event, _plan, Tokens);
            }
            else
            {
                _ = _event.Add("null"u8);
            }
        }

        return Finish();
    }

    private void Start()
    {
        _event.Clear();
        _number++;
        if (_plan.Behaviour.Comments)
        {
            _ = _event.Add(": simulator processing"u8);
            LineEnd();
            LineEnd();
        }

        _ = _event.Add("data: "u8).Add(_head.Written.Span);
    }

    private ReadOnlyMemory<byte> Finish()
    {
        PlainAnswer.Extra(_event, _plan);
        if (_plan.Behaviour.Stamp)
        {
            _ = _event.Add(",\"x_sent_us\":"u8).Add(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000));
        }

        var wanted = _number == 1 ? Math.Max(_plan.Behaviour.EventBytes, _plan.Behaviour.Huge) : _plan.Behaviour.EventBytes;
        var lineEnds = _plan.Behaviour.Crlf ? 4 : 2;
        if (wanted > _event.Length + 1 + lineEnds)
        {
            const int FieldAndBrace = 18;
            var padding = wanted - _event.Length - FieldAndBrace - lineEnds;
            _ = _event.Add(",\"obfuscation\":\""u8).Fill((byte)'x', padding).Add("\""u8);
        }

        _ = _event.Add("}"u8);
        return End();
    }

    private ReadOnlyMemory<byte> End()
    {
        LineEnd();
        LineEnd();
        return _event.Written;
    }

    private void LineEnd() => _event.Add(_plan.Behaviour.Crlf ? "\r\n"u8 : "\n"u8);
}
