using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Mcp;
using Gateway.Tests;

namespace Gateway.McpHub.Tests.Governed;

/// <summary>Any number of hubs under one governance of the test, in front of one server of the test whose tools answer with what they were called with.</summary>
internal sealed class HubSet : IAsyncDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "gateway-hubs-" + Guid.NewGuid().ToString("n"));
    private readonly List<ServiceProcess> processes = [];

    public FakeGovernance Governance { get; } = new();

    public ToolFixture Tools { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<HubSet> StartAsync(params GuardrailPolicyEntry[] guardrails)
    {
        var set = new HubSet();
        await set.Governance.StartAsync();
        await set.Tools.StartAsync();
        set.Tools.Tools["write"] = "Writes.";
        set.Tools.Tools["read"] = "Reads.";
        set.Governance.Set(s => s with
        {
            Teams = [new TeamEntry { Id = "red", Name = "red" }],
            Keys = [.. ((string[])["k", "red1", "red2"]).Select((id, i) => new VirtualKeyEntry { Id = id, Name = id, Sha256 = new string((char)('1' + i), 64), TeamId = i == 0 ? "" : "red" })],
            McpServers = [new McpServerEntry { Id = "s", Url = set.Tools.Address, Trust = McpTrust.All }],
            Guardrails = guardrails,
        });
        return set;
    }

    /// <summary>The guardrail service, as a process.</summary>
    public async Task<ServiceProcess> ServiceAsync()
    {
        var service = await ServiceProcess.StartAsync("Gateway.Guardrails");
        processes.Add(service);
        return service;
    }

    /// <summary>Another hub, which has seen the configuration and the tools.</summary>
    public async Task<ServiceProcess> HubAsync(params (string Key, string Value)[] settings)
    {
        var hub = await ServiceProcess.StartAsync("Gateway.McpHub", [("services:governance:http:0", Governance.Address), (WireNames.DataDirectoryKey, Path.Combine(folder, processes.Count.ToString("x"))), .. settings]);
        processes.Add(hub);
        Tools.Calls.Clear();
        for (var began = TimeProvider.System.GetTimestamp(); (await CallAsync(hub, "k", "none", "read", "{}")).Outcome == McpCallOutcome.Refused && Tools.Calls.IsEmpty;)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), hub.Output);
            await Task.Delay(20, Cancel);
        }

        Tools.Calls.Clear();
        return hub;
    }

    /// <summary>A call as agent mode makes it.</summary>
    public async Task<HubCallAnswer> CallAsync(ServiceProcess hub, string key, string session, string tool, string arguments)
    {
        var query = new HubCallQuery
        {
            Caller = new HubCallerFacts { KeyId = key, TeamId = key.StartsWith("red", StringComparison.Ordinal) ? "red" : "", SessionId = session }, Name = "s__" + tool, Arguments = JsonElement.Parse(arguments),
        };
        using var response = await hub.Client.PostAsJsonAsync("/internal/call", query, ContractsJson.Default.HubCallQuery, Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.HubCallAnswer, Cancel))!;
    }

    /// <summary>The text of a call's result, or why there is none.</summary>
    public async Task<string> TextAsync(ServiceProcess hub, string key, string session, string tool, string arguments)
    {
        var answer = await CallAsync(hub, key, session, tool, arguments);
        return answer.Result is { } result ? result.GetProperty("content")[0].GetProperty("text").GetString()! : answer.Reason;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }

        await Governance.DisposeAsync();
        await Tools.DisposeAsync();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
