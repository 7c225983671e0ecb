using System.Buffers;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Tools;

/// <summary>One answer at the end of a loop: what the model said in all its turns, and what all of them used. An answer of a single turn is passed on byte for byte.</summary>
internal sealed class PlainAnswer(RequestContext context, TimeProvider time) : IAgentOutput
{
    private readonly IChatDialect _dialect = ChatDialects.Get(context.Operation.Dialect);
    private readonly List<ContentPart> _said = [];
    private TokenCounts? _usage;
    private ChatAnswer? _last;
    private ReadOnlyMemory<byte> _bytes;

    public async ValueTask<TurnEnd> TakeAsync(TurnHttp turn)
    {
        var run = context.Agent!;
        await turn.StartAsync().ConfigureAwait(false);
        var body = await turn.ReadAllAsync().ConfigureAwait(false);
        AnswerHead.Copy(turn.Context.Response, context);
        if (turn.IsAborted)
        {
            context.Http.Abort();
            return TurnEnd.Failed;
        }

        if (context.Status is < 200 or >= 300 || !_dialect.TryReadAnswer(body, out var answer) || answer.Error is not null || answer.Choices.Count == 0)
        {
            run.Stop = "error";
            await SendAsync(body).ConfigureAwait(false);
            return TurnEnd.Failed;
        }

        (_last, _bytes) = (answer, body);
        if (answer.Usage is { } used)
        {
            _usage = _usage is { } before ? before.Add(used) : used;
        }

        var end = TurnEnd.Of(answer.Choices[0], run);
        var calls = end.Calls.ToHashSet<ContentPart>(ReferenceEqualityComparer.Instance);
        Add(answer.Choices[0].Parts.Where(p => !calls.Contains(p)));
        return end;
    }

    // Nothing can be said before the whole answer.
    public ValueTask KeepAliveAsync() => default;

    public ValueTask EndAsync()
    {
        var last = _last!;
        if (context.Agent!.Turns == 1)
        {
            return SendAsync(_bytes);
        }

        // Calls that were not run stand at the end of what was said.
        _said.AddRange(last.Choices[0].Parts.OfType<ToolCallPart>().Where(c => !_said.Contains(c)));
        return WriteAsync(last, last.Choices[0].Finish);
    }

    public ValueTask HandBackAsync(IReadOnlyList<ToolCallPart> calls)
    {
        _said.AddRange(calls);
        context.Http.Response.StatusCode = StatusCodes.Status200OK;
        context.Http.Response.ContentType = AnswerForm.Json;
        context.Http.Response.Headers[GatewayHeaders.RequestId] = context.Http.TraceIdentifier;
        return WriteAsync(new ChatAnswer { Origin = context.Operation.Dialect, Model = context.ModelName }, FinishReason.ToolCalls);
    }

    private ValueTask WriteAsync(ChatAnswer last, FinishReason finish)
    {
        var whole = new ChatAnswer { Origin = last.Origin, Id = last.Id, Model = last.Model, Created = last.Created, Usage = _usage, ServiceTier = last.ServiceTier };
        var choice = new ChatChoice { Index = 0, Finish = finish };
        if (last.Choices.Count > 0)
        {
            (choice.FinishDetail, choice.StopSequence) = (last.Choices[0].FinishDetail, last.Choices[0].StopSequence);
        }

        choice.Parts.AddRange(_said);
        whole.Choices.Add(choice);
        var output = new ArrayBufferWriter<byte>(4096);
        _dialect.WriteAnswer(whole, ChatExchange.AnswerContextFor(context, time.GetUtcNow(), context.Agent!.Body.Request), output);
        return SendAsync(output.WrittenMemory);
    }

    private void Add(IEnumerable<ContentPart> parts)
    {
        foreach (var part in parts)
        {
            if (part is TextPart { Text.Length: > 0 } text && Joins.Needs(context.Operation.Dialect) && _said.Exists(static p => p is TextPart { Text.Length: > 0 }) && context.Agent!.Turns > 1)
            {
                var joined = new TextPart(Joins.Between + text.Text) { Signature = text.Signature };
                joined.Citations.AddRange(text.Citations);
                _said.Add(joined);
                continue;
            }

            _said.Add(part);
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> body)
    {
        var response = context.Http.Response;
        response.Headers[GatewayHeaders.Agent] = context.Agent!.Summary;
        if (context.Agent.Approvals.Count > 0)
        {
            response.Headers[GatewayHeaders.Approval] = context.Agent.Approvals[0];
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.Http.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>What stands between the texts of two turns in dialects whose answers have one text only.</summary>
internal static class Joins
{
    public const string Between = "\n\n";

    public static bool Needs(DialectId dialect) => dialect is DialectId.OpenAIChat;
}
