using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Contracts.Mcp;
using Gateway.Contracts.Snapshots;
using Microsoft.AspNetCore.Http;

namespace Gateway.McpHub.Tests.Governed;

/// <summary>Governance as a hub sees it: gives out a configuration, takes tools and calls, and decides on approvals as the test says.</summary>
internal sealed class FakeGovernance : HttpFixture
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GatewaySnapshot snapshot = new() { Version = 1 };

    /// <summary>Definitions by server/tool, as last reported.</summary>
    public ConcurrentDictionary<string, string> Tools { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, McpCallRecord> Calls { get; } = new(StringComparer.Ordinal);

    /// <summary>Questions for approval by digest, and what is answered.</summary>
    public ConcurrentDictionary<string, (McpApprovalAsk Ask, ApprovalStatus Status)> Approvals { get; } = new(StringComparer.Ordinal);

    public bool IsDown { get; set; }

    /// <summary>Gives out another configuration.</summary>
    public void Set(Func<GatewaySnapshot, GatewaySnapshot> change)
    {
        lock (gate)
        {
            snapshot = change(snapshot) with { Version = snapshot.Version + 1 };
            changed.SetResult();
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    protected override async Task<(int Status, byte[]? Body)> AnswerAsync(HttpRequest request, string body)
    {
        if (IsDown)
        {
            return (503, null);
        }

        switch (request.Path.Value)
        {
            case "/internal/snapshot":
                return await SnapshotAsync(long.Parse(request.Query["after"].ToString() is { Length: > 0 } after ? after : "0", CultureInfo.InvariantCulture), int.Parse(request.Query["waitSeconds"].ToString() is { Length: > 0 } wait ? wait : "0", CultureInfo.InvariantCulture));
            case "/internal/mcp/tools":
                foreach (var server in JsonSerializer.Deserialize(body, ContractsJson.Default.McpToolReport)!.Servers)
                {
                    foreach (var tool in server.Tools)
                    {
                        Tools[server.ServerId + "/" + tool.Name] = tool.Definition;
                    }
                }

                return (200, JsonSerializer.SerializeToUtf8Bytes(new McpToolAck { Changed = 0 }, ContractsJson.Default.McpToolAck));
            case "/internal/mcp/calls":
                var batch = JsonSerializer.Deserialize(body, ContractsJson.Default.McpCallBatch)!;
                foreach (var call in batch.Calls)
                {
                    Calls[call.Id] = call;
                }

                return (200, JsonSerializer.SerializeToUtf8Bytes(new McpCallAck { Stored = batch.Calls.Count, Duplicates = 0 }, ContractsJson.Default.McpCallAck));
            case "/internal/mcp/approvals":
                var ask = JsonSerializer.Deserialize(body, ContractsJson.Default.McpApprovalAsk)!;
                var (_, status) = Approvals.GetOrAdd(ask.Digest, (ask, ApprovalStatus.Pending));
                if (status == ApprovalStatus.Approved)
                {
                    Approvals.TryRemove(ask.Digest, out _);
                }

                return (200, JsonSerializer.SerializeToUtf8Bytes(new ApprovalState { Id = "approval-" + ask.Digest[..6], Status = status, Until = DateTimeOffset.UnixEpoch }, ContractsJson.Default.ApprovalState));
            default:
                return (404, null);
        }
    }

    private async Task<(int Status, byte[]? Body)> SnapshotAsync(long after, int waitSeconds)
    {
        for (var waited = false; ; waited = true)
        {
            Task next;
            lock (gate)
            {
                if (snapshot.Version > after)
                {
                    return (200, SnapshotImage.Empty.With(snapshot).ToJson());
                }

                next = changed.Task;
            }

            if (waited || waitSeconds == 0)
            {
                return (204, null);
            }

            await next.WaitAsync(TimeSpan.FromSeconds(waitSeconds), Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
