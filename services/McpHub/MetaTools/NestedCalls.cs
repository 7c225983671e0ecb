using System.Text.Json;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.CodeMode;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.MetaTools;

/// <summary>The calls of a program: each goes the way of any call, and is authorised at that moment.</summary>
internal sealed class NestedCalls(IToolCalls calls, HubCaller caller) : IProgramCalls
{
    private const int LongestError = 2_000;

    /// <inheritdoc/>
    public async ValueTask<ProgramAnswer> CallAsync(ProgramTool tool, ReadOnlyMemory<byte> argumentsJson, CancellationToken cancellationToken)
    {
        var name = ToolNames.Public(tool.Server, tool.Name);
        var reply = await calls.CallAsync(caller, HubScope.All, name, ToolCallParameters.Of(name, argumentsJson), NoPeer.Instance, cancellationToken).ConfigureAwait(false);
        if (reply.Fault is { } fault)
        {
            return new ProgramAnswer(default, fault.Sentence, WasMade: !fault.IsUnprocessed);
        }

        if (reply.IsError)
        {
            // An error of JSON-RPC instead of a result: a refusal of the gate, or of the server before it did anything.
            return new ProgramAnswer(default, JsonBytes.TryGetString(reply.Json.Span, "message"u8, out var message) && message.Length > 0 ? Shorten(message) : "the call was refused", WasMade: false);
        }

        try
        {
            var result = JsonElement.Parse(reply.Json.Span, new JsonDocumentOptions { MaxDepth = JsonBytes.MaxDepth });
            return result.ValueKind == JsonValueKind.Object
                ? new ProgramAnswer(ResultValue.Read(result, out var error), error, WasMade: HubSays.Of(result) is null)
                : new ProgramAnswer(result);
        }
        catch (JsonException)
        {
            return new ProgramAnswer(default, "the server's answer is not JSON");
        }
    }

    private static string Shorten(string message) => message.Length <= LongestError ? message : message[..LongestError];
}
