using System.Security.Cryptography;
using System.Text;
using Gateway.McpHub.Configuration;

namespace Gateway.McpHub.Upstreams;

/// <summary>Who shares a session at a server: nobody but the same caller, with the same capabilities, in the same conversation where there is one.</summary>
/// <param name="Identity">The caller.</param>
/// <param name="IsStateless">Which generation of the protocol.</param>
/// <param name="Conversation">The conversation; null for requests that belong to none.</param>
/// <param name="Capabilities">What the client can do.</param>
internal readonly record struct SessionKey(string Identity, bool IsStateless, string? Conversation, string Capabilities)
{
    private const int MaxPlain = 200;

    /// <summary>The key of a request.</summary>
    public static SessionKey Of(UpstreamSettings settings, UpstreamRequest request, bool isStateless)
    {
        if (settings.Transport == UpstreamTransport.Stdio)
        {
            // One process for all, or one for each conversation.
            return settings.Stdio is { PerSession: true } ? new(request.Caller.Identity, false, request.Peer.Conversation, "") : new("", false, null, "");
        }

        if (settings.Transport == UpstreamTransport.OpenApi || isStateless)
        {
            return new(settings.OAuth is null ? "" : request.Caller.Identity, isStateless, null, "");
        }

        return request.Peer.Conversation is { } conversation
            ? new(request.Caller.Identity, false, conversation, "")
            : new(request.Caller.Identity, false, null, Short(request.Peer.Capabilities.Span));
    }

    private static string Short(ReadOnlySpan<byte> capabilities)
        => capabilities.Length <= MaxPlain ? Encoding.UTF8.GetString(capabilities) : Convert.ToHexString(SHA256.HashData(capabilities));
}
