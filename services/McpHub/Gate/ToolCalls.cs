using System.Text;
using Gateway.McpHub.Bridging;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Gate;

/// <summary>Calls tools: finds, asks the gate, sends, asks the gate again.</summary>
internal sealed class ToolCalls(IToolCatalogue catalogue, IToolGate gate, InputRounds sender, TimeProvider time) : IToolCalls
{
    /// <inheritdoc/>
    public async ValueTask<UpstreamReply> CallAsync(
        HubCaller caller, HubScope scope, string name, ReadOnlyMemory<byte> parameters, IClientPeer peer, CancellationToken cancellation)
    {
        if (await catalogue.FindAsync(caller, scope, name, cancellation).ConfigureAwait(false) is not { Tool: { } tool })
        {
            return Unknown(name);
        }

        var hasArguments = JsonBytes.TryGet(parameters, "arguments"u8, out ReadOnlyMemory<byte> arguments);
        if (hasArguments && !JsonBytes.IsObject(arguments.Span))
        {
            return UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "The arguments must be a JSON object."));
        }

        var call = new ToolCall
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"),
            Caller = caller,
            Scope = scope,
            Tool = tool,
            Arguments = hasArguments ? arguments : JsonBytes.EmptyObject,
            Peer = peer,
        };
        return await gate.BeforeAsync(call, cancellation).ConfigureAwait(false) switch
        {
            CallVerdict.Pass pass => await SendAsync(call, pass, parameters, hasArguments, cancellation).ConfigureAwait(false),
            CallVerdict.Pending pending => Told(pending.Sentence, $$"""{"gateway/approval":{{Quoted(pending.ApprovalId)}}}"""),
            CallVerdict.Refused { Kind: RefusalKind.Unknown } => Unknown(name),
            CallVerdict.Refused refused => Told(
                refused.Sentence,
                refused.RetryAfter is { } wait
                    ? $$"""{"gateway/refusal":{{Quoted(refused.Kind.ToString())}},"gateway/retryAfterMs":{{(long)wait.TotalMilliseconds}}}"""
                    : $$"""{"gateway/refusal":{{Quoted(refused.Kind.ToString())}}}"""),
            _ => Unknown(name),
        };
    }

    private async ValueTask<UpstreamReply> SendAsync(ToolCall call, CallVerdict.Pass pass, ReadOnlyMemory<byte> parameters, bool hadArguments, CancellationToken cancellation)
    {
        // What was judged is what is sent: a member that is there twice is there once afterwards.
        var sent = JsonBytes.With(parameters.Span, "name"u8, JsonBytes.Text(call.Tool.Name));
        if (hadArguments || pass.Arguments.Length > 2)
        {
            sent = JsonBytes.With(sent, "arguments"u8, pass.Arguments.Span);
        }

        var began = time.GetTimestamp();
        var reply = UpstreamReply.Failed(Faults.Cancelled());
        try
        {
            reply = await sender.SendAsync(
                call.Tool.Server,
                new UpstreamRequest
                {
                    Method = Methods.CallTool, Parameters = sent, Caller = call.Caller, Peer = call.Peer, Timeout = pass.Timeout, Tool = call.Tool, MayRepeat = call.Tool.Hints.MayRepeat,
                },
                cancellation).ConfigureAwait(false);
        }
        finally
        {
            reply = (await gate.AfterAsync(call, pass, new CallOutcome(reply, time.GetElapsedTime(began)), CancellationToken.None).ConfigureAwait(false)).Reply;
        }

        return reply.Fault is { ConnectAt: not null } fault ? Told(fault.Sentence, $$"""{"gateway/connectAt":{{Quoted(fault.ConnectAt.AbsoluteUri)}}}""") : reply;
    }

    private static UpstreamReply Unknown(string name)
        => UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, $"Unknown tool: {(name.Length <= 200 ? name : name[..200])}. tools/list names those there are."));

    // For the model to read: it is what the call came to.
    private static UpstreamReply Told(string sentence, string meta)
        => UpstreamReply.Result(JsonBytes.Utf8($$"""{"content":[{"type":"text","text":{{Quoted(sentence)}}}],"isError":true,"_meta":{{meta}}}"""));

    private static string Quoted(string text) => Encoding.UTF8.GetString(JsonBytes.Text(text));
}
