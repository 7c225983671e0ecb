using System.Text;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>One list of a server: fetched whole, kept for a while, fetched anew when it changed.</summary>
internal sealed class Listing(Upstream upstream, string method, string member, HubCaller asker, TimeProvider time)
{
    private const int MaxPages = 200;
    private const int MaxItems = 10_000;
    private const long MaxBytes = 64L * 1024 * 1024;
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FetchTime = TimeSpan.FromSeconds(20);

    private readonly Lock gate = new();
    private ListItems? items;
    private long fetchedAt;
    private bool isStale = true;
    private int version;
    private Task<ListItems>? fetching;

    /// <summary>What was made of the items, with the items it was made of.</summary>
    public object? Derived { get; set; }

    /// <summary>The list. What is older than a minute is given while it is fetched anew; what changed is waited for.</summary>
    public ValueTask<ListItems> GetAsync(CancellationToken cancellation)
    {
        Task<ListItems> task;
        lock (gate)
        {
            var age = time.GetElapsedTime(fetchedAt);
            if (items is { } there && ((!isStale && age < Fresh) || (there.Fault is { Kind: not UpstreamFaultKind.Unauthorized } && age < AfterFault)))
            {
                return ValueTask.FromResult(there);
            }

            fetching ??= FetchAsync(version);
            if (items is { Fault: null } old && !isStale)
            {
                return ValueTask.FromResult(old);
            }

            task = fetching;
        }

        return new(task.WaitAsync(cancellation));
    }

    /// <summary>It changed at the server.</summary>
    public void Forget()
    {
        lock (gate)
        {
            isStale = true;
            version++;
            fetching = null;
        }
    }

    private async Task<ListItems> FetchAsync(int of)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var limit = new CancellationTokenSource(FetchTime, time);
        ListItems got;
        try
        {
            got = await FetchAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whoever waits for the list is told; the next one tries again.
            got = new ListItems([], Faults.Malformed(upstream.Settings.Id, e is OperationCanceledException ? "its lists do not end." : "its lists cannot be read."));
        }

        lock (gate)
        {
            if (of == version)
            {
                fetching = null;
                isStale = got.Fault is not null;
            }

            fetchedAt = time.GetTimestamp();
            items = got.Fault is null ? got : new ListItems(items?.Items ?? [], got.Fault);
            return items;
        }
    }

    private async ValueTask<ListItems> FetchAsync(CancellationToken cancellation)
    {
        if (upstream.Settings.Transport != UpstreamTransport.Http)
        {
            var (only, why) = await PagesAsync(HubPeer.Instance, null, ToolGeneration.Any, cancellation).ConfigureAwait(false);
            return new(only, why);
        }

        // Servers that know both generations need not list the same in both.
        var (newer, newerFault) = await PagesAsync(HubPeer.Instance, true, ToolGeneration.Stateless, cancellation).ConfigureAwait(false);
        if (upstream.Generations.Sessions == false)
        {
            return new([.. newer.Select(i => i with { Generation = ToolGeneration.Any })], newerFault);
        }

        if (upstream.Generations.Stateless != true || upstream.Generations.Sessions != true)
        {
            // Either what was asked for without a session was answered in one, or nobody has needed the older generation of this server.
            return new([.. newer.Select(i => i with { Generation = ToolGeneration.Any })], newerFault);
        }

        var (older, olderFault) = await PagesAsync(HubPeer.InSession, false, ToolGeneration.Sessions, cancellation).ConfigureAwait(false);
        if (olderFault is not null)
        {
            return new([.. newer.Select(i => i with { Generation = ToolGeneration.Any })], newerFault);
        }

        return new(Unite(newer, older), newerFault);
    }

    private static List<ListItem> Unite(List<ListItem> newer, List<ListItem> older)
    {
        var inOlder = older.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        var inNewer = newer.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. newer.Select(i => i with { Generation = inOlder.Contains(KeyOf(i)) ? ToolGeneration.Any : ToolGeneration.Stateless }),
            .. older.Where(i => !inNewer.Contains(KeyOf(i))),
        ];
    }

    private static string KeyOf(ListItem item)
        => JsonBytes.TryGetString(item.Json.Span, "uri"u8, out var uri) ? uri
            : JsonBytes.TryGetString(item.Json.Span, "uriTemplate"u8, out var template) ? template
            : JsonBytes.TryGetString(item.Json.Span, "name"u8, out var name) ? name : "";

    private async ValueTask<(List<ListItem> Items, UpstreamFault? Fault)> PagesAsync(IClientPeer peer, bool? isStateless, ToolGeneration generation, CancellationToken cancellation)
    {
        List<ListItem> all = [];
        var cursor = ReadOnlyMemory<byte>.Empty;
        var bytes = 0L;
        for (var page = 0; page < MaxPages; page++)
        {
            var request = new UpstreamRequest
            {
                Method = method,
                Parameters = cursor.IsEmpty ? JsonBytes.EmptyObject : JsonBytes.With(JsonBytes.EmptyObject.Span, "cursor"u8, cursor.Span),
                Caller = asker,
                Peer = peer,
                MayRepeat = true,
            };
            if (page == 0)
            {
                var opened = await upstream.SessionAsync(request, cancellation).ConfigureAwait(false);
                if (opened.Session is { } session && !session.Can(Encoding.ASCII.GetBytes(member == "resourceTemplates" ? "resources" : member)))
                {
                    return (all, null);
                }

                if (isStateless == false && opened.Session is { IsStateless: true })
                {
                    return (all, null);
                }
            }

            var reply = await upstream.SendAsync(request, cancellation).ConfigureAwait(false);
            if (!reply.IsResult)
            {
                // Templates are a part of resources that many servers leave out.
                return RpcError.Code(reply.Json.Span) == RpcError.MethodNotFound
                    ? (all, null)
                    : (all, reply.Fault ?? Faults.Malformed(upstream.Settings.Id, "it answered a list with an error."));
            }

            if (!JsonBytes.TryGet(reply.Json, Encoding.ASCII.GetBytes(member), out ReadOnlyMemory<byte> list) || !JsonBytes.IsList(list.Span))
            {
                return (all, Faults.Malformed(upstream.Settings.Id, $"its answer to {method} has no list of {member}."));
            }

            bytes += list.Length;
            all.AddRange(JsonBytes.Elements(list).Where(e => JsonBytes.IsObject(e.Span)).Select(e => new ListItem(e, generation)));
            if (all.Count > MaxItems || bytes > MaxBytes)
            {
                return ([.. all.Take(MaxItems)], Faults.TooLarge(upstream.Settings.Id, (int)MaxBytes));
            }

            if (!JsonBytes.TryGet(reply.Json, "nextCursor"u8, out ReadOnlyMemory<byte> next) || next.Span[0] != (byte)'"' || next.Span.SequenceEqual(cursor.Span))
            {
                return (all, null);
            }

            cursor = next;
        }

        return (all, null);
    }
}
