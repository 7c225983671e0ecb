using System.Buffers;
using System.Text.Json;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Bridging;

/// <summary>
/// Sends requests, and where a server without sessions answers that it needs input asks a client with a session for it and sends the request again, as often as the server wants.
/// </summary>
internal sealed class InputRounds(IUpstreams upstreams)
{
    private const int Max = 16;

    /// <summary>Sends a request.</summary>
    public async ValueTask<UpstreamReply> SendAsync(string server, UpstreamRequest request, CancellationToken cancellation)
    {
        var reply = await upstreams.SendAsync(server, request, cancellation).ConfigureAwait(false);
        for (var round = 0; reply.IsResult && !request.Peer.IsStateless && NeedsInput(reply.Json.Span); round++)
        {
            if (round == Max)
            {
                return UpstreamReply.Error(RpcError.Object(RpcError.Internal, $"The server '{server}' asked {Max} times for more input without an end."));
            }

            var (responses, refusal) = await AskAsync(reply.Json, request.Peer, cancellation).ConfigureAwait(false);
            if (refusal is { } no)
            {
                // It may be the client's own answer.
                return no.WithoutReserved();
            }

            var parameters = JsonBytes.With(request.Parameters.Span, "inputResponses"u8, responses);
            parameters = JsonBytes.With(parameters, "requestState"u8, JsonBytes.TryGet(reply.Json.Span, "requestState"u8, out var state) ? state : default);
            reply = await upstreams.SendAsync(server, request with { Parameters = parameters }, cancellation).ConfigureAwait(false);
        }

        return reply;
    }

    /// <summary>Whether a result says that input is needed.</summary>
    public static bool NeedsInput(ReadOnlySpan<byte> result)
        => result.IndexOf("input_required"u8) >= 0 && JsonBytes.TryGetString(result, "resultType"u8, out var type) && type == "input_required";

    private static async ValueTask<(byte[]? Responses, UpstreamReply? Refusal)> AskAsync(ReadOnlyMemory<byte> result, IClientPeer peer, CancellationToken cancellation)
    {
        var asked = JsonBytes.TryGet(result, "inputRequests"u8, out ReadOnlyMemory<byte> requests) ? JsonBytes.Members(requests) : [];
        var answers = await Task.WhenAll(asked.Select(a => AskOneAsync(a.Value, peer, cancellation))).ConfigureAwait(false);
        if (answers.FirstOrDefault(a => !a.IsResult) is { } refusal && answers.Any(a => !a.IsResult))
        {
            return (null, refusal);
        }

        if (asked.Count == 0)
        {
            return (null, null);
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, ProtocolJson.Writing))
        {
            writer.WriteStartObject();
            for (var i = 0; i < asked.Count; i++)
            {
                writer.WritePropertyName(asked[i].Key);
                writer.WriteRawValue(answers[i].Json.Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return (buffer.WrittenSpan.ToArray(), null);
    }

    private static async Task<UpstreamReply> AskOneAsync(ReadOnlyMemory<byte> request, IClientPeer peer, CancellationToken cancellation)
    {
        if (!JsonBytes.TryGetString(request.Span, "method"u8, out var method) || !Methods.IsQuestion(method))
        {
            return UpstreamReply.Error(RpcError.Object(RpcError.Internal, "The server asked for input that the gateway does not know."));
        }

        if (!ClientCapabilities.Allow(peer.Capabilities, method))
        {
            return UpstreamReply.Error(RpcError.Object(RpcError.InvalidRequest, $"The tool needs a client that can answer {method}."));
        }

        return await peer.AskAsync(method, JsonBytes.TryGet(request, "params"u8, out ReadOnlyMemory<byte> parameters) ? parameters : JsonBytes.EmptyObject, cancellation).ConfigureAwait(false);
    }
}
