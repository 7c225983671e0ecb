using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>A wire on which all messages of a server come through one channel: answers are told apart by their ids.</summary>
internal abstract partial class ChannelWire(UpstreamSettings settings) : Wire
{
    private readonly ConcurrentDictionary<long, Inflight> waiting = new();
    private volatile bool isLost;

    /// <inheritdoc/>
    public override bool IsAlive => !isLost;

    /// <summary>Id of the server.</summary>
    protected string Server => settings.Id;

    /// <summary>Messages that were dropped because nobody waited for them, or because they were none.</summary>
    protected long Dropped { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask<UpstreamReply> RequestAsync(WireRequest request, CancellationToken cancellation)
    {
        var inflight = request.Inflight;
        waiting[inflight.Id] = inflight;
        try
        {
            if (isLost)
            {
                return UpstreamReply.Failed(Faults.Down(Server, "it ended"));
            }

            return await TellAsync(request.Message, cancellation).ConfigureAwait(false) is { } fault
                ? UpstreamReply.Failed(fault)
                : await inflight.Answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            waiting.TryRemove(inflight.Id, out _);
        }
    }

    /// <summary>Takes what came through the channel.</summary>
    protected async ValueTask TakeAsync(ReadOnlyMemory<byte> json)
    {
        if (json.Span.TrimStart(" \t"u8) is [(byte)'[', ..] && JsonBytes.IsWellFormed(json.Span))
        {
            // A batch of 2025-03-26.
            foreach (var element in JsonBytes.Elements(json[json.Span.IndexOf((byte)'[')..]))
            {
                await TakeOneAsync(element).ConfigureAwait(false);
            }

            return;
        }

        await TakeOneAsync(json).ConfigureAwait(false);
    }

    /// <summary>A message was longer than allowed: whoever waits for it is told so.</summary>
    /// <param name="ends">Its beginning and its end.</param>
    protected void TakeTooLong(byte[] ends)
    {
        var reply = UpstreamReply.Failed(Faults.TooLarge(Server, settings.MaxResponseBytes));
        var ids = IdPattern().Matches(Encoding.Latin1.GetString(ends)).Select(m => long.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).Where(waiting.ContainsKey).ToList();

        // Where it cannot be told whose answer it was, all who wait have to be told.
        foreach (var id in ids.Count > 0 ? ids : [.. waiting.Keys])
        {
            if (waiting.TryGetValue(id, out var inflight))
            {
                inflight.Answer.TrySetResult(reply);
            }
        }
    }

    /// <summary>Nothing will come any more.</summary>
    protected void Lose(UpstreamFault fault)
    {
        isLost = true;
        foreach (var inflight in waiting.Values)
        {
            inflight.Answer.TrySetResult(UpstreamReply.Failed(fault));
        }

        Owner.Lost(fault);
    }

    private async ValueTask TakeOneAsync(ReadOnlyMemory<byte> json)
    {
        var message = RpcMessage.Read(json);
        switch (message.Kind)
        {
            case RpcKind.Bad:
                Dropped++;
                break;
            case RpcKind.Request or RpcKind.Notification:
                await Owner.ReceiveAsync(message, null).ConfigureAwait(false);
                break;
            default:
                if (message.NumberId is { } id && waiting.TryGetValue(id, out var inflight))
                {
                    inflight.Answer.TrySetResult(message.Kind == RpcKind.Result ? UpstreamReply.Result(message.Body) : UpstreamReply.Error(message.Body));
                }
                else
                {
                    Dropped++;
                }

                break;
        }
    }

    [GeneratedRegex("\"id\"\\s*:\\s*([0-9]{1,18})")]
    private static partial Regex IdPattern();
}
