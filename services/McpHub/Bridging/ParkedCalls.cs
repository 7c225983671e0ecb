using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Gateway.McpHub.Serving;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Bridging;

/// <summary>Requests of clients without sessions that wait for input at a server with sessions.</summary>
internal sealed class ParkedCalls(TimeProvider time) : IDisposable
{
    /// <summary>What the hub's own <c>requestState</c> begins with; that of servers is passed on.</summary>
    public const string Prefix = "gateway.1.";

    private const int Max = 2000;
    private const int MaxOfOne = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, ParkedCall> parked = new(StringComparer.Ordinal);

    /// <summary>Keeps a request; the state by which it is found again, or null when there are too many.</summary>
    public string? Park(ParkedCall call)
    {
        if (parked.Count >= Max || parked.Values.Count(p => p.Identity == call.Identity) >= MaxOfOne)
        {
            return null;
        }

        var state = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        parked[state] = call;
        call.Expiry = time.CreateTimer(
            _ =>
            {
                if (parked.TryRemove(state, out var forgotten))
                {
                    forgotten.Cancel();
                }
            },
            null,
            Patience,
            Timeout.InfiniteTimeSpan);
        return state;
    }

    /// <summary>Takes a request up again; null when there is none of that state for this caller and this request.</summary>
    public ParkedCall? Take(string state, ClientCall call)
    {
        if (!parked.TryGetValue(state, out var found) || found.Identity != call.Caller.Identity || found.Digest != DigestOf(call) || !parked.TryRemove(state, out found))
        {
            return null;
        }

        found.Expiry?.Dispose();
        return found;
    }

    /// <summary>What must be the same when a request comes again with input: where, what and with which arguments.</summary>
    public static string DigestOf(ClientCall call)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{call.Scope.Kind} {call.Scope.Id} {call.Method} "));
        foreach (var name in new[] { "name", "uri", "arguments" })
        {
            if (Protocol.JsonBytes.TryGet(call.Parameters.Span, Encoding.ASCII.GetBytes(name), out var value))
            {
                hash.AppendData(value);
            }

            hash.AppendData("\n"u8);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var call in parked.Values)
        {
            call.Expiry?.Dispose();
            call.Cancel();
        }
    }
}

/// <summary>A request that goes on while its client gathers input.</summary>
internal sealed class ParkedCall(string identity, string digest, StatelessPeer peer)
{
    /// <summary>Whose it is.</summary>
    public string Identity { get; } = identity;

    /// <summary>What it is.</summary>
    public string Digest { get; } = digest;

    /// <summary>Its client.</summary>
    public StatelessPeer Peer { get; } = peer;

    /// <summary>Its answer.</summary>
    public required Task<UpstreamReply> Answer { get; init; }

    /// <summary>Ends the waiting.</summary>
    public ITimer? Expiry { get; set; }

    /// <summary>Ends with the request.</summary>
    public required CancellationTokenSource Source { get; init; }

    /// <summary>Cancels it.</summary>
    public void Cancel()
    {
        try
        {
            Source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It was answered in the moment in which its client went.
        }
    }
}
