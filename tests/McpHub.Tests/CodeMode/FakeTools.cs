using System.Text;
using System.Text.Json;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Tests.CodeMode;

/// <summary>A catalogue and its calls, without any server: what each caller may use, and what calls give.</summary>
internal sealed class FakeTools : IToolCatalogue, IToolCalls
{
    public List<HubTool> Tools { get; } = [];

    /// <summary>Which tools a caller may use; all unless said otherwise.</summary>
    public Func<HubCaller, HubTool, bool> May { get; set; } = static (_, _) => true;

    /// <summary>What a call gives: the <c>result</c>.</summary>
    public Func<string, JsonElement, CancellationToken, Task<string>> Answer { get; set; } = static (name, arguments, _) => Task.FromResult(Structured($$"""{"tool":"{{name}}","arguments":{{arguments.GetRawText()}}}"""));

    public List<(HubCaller Caller, string Name)> Called { get; } = [];

    public static string Structured(string json) => $$"""{"content":[{"type":"text","text":"x"}],"structuredContent":{{json}}}""";

    public FakeTools Add(string server, string name, string description = "", string schema = """{"type":"object"}""", string more = "")
    {
        Tools.Add(HubTool.Read(server, Encoding.UTF8.GetBytes($$"""{"name":"{{name}}","description":"{{description}}","inputSchema":{{schema}}{{more}}}"""))!);
        return this;
    }

    public ValueTask<IReadOnlyList<ListedTool>> ListAsync(HubCaller caller, HubScope scope, CancellationToken cancellation) =>
        ValueTask.FromResult<IReadOnlyList<ListedTool>>([.. Tools.Where(t => May(caller, t)).Select(static t => new ListedTool(t.PublicName, t))]);

    public ValueTask<ListedTool?> FindAsync(HubCaller caller, HubScope scope, string name, CancellationToken cancellation) =>
        ValueTask.FromResult(Tools.Where(t => t.PublicName == name && May(caller, t)).Select(static t => (ListedTool?)new ListedTool(t.PublicName, t)).FirstOrDefault());

    public async ValueTask<UpstreamReply> CallAsync(HubCaller caller, HubScope scope, string name, ReadOnlyMemory<byte> parameters, IClientPeer peer, CancellationToken cancellation)
    {
        if (await FindAsync(caller, scope, name, cancellation) is null)
        {
            return UpstreamReply.Error(Encoding.UTF8.GetBytes($$"""{"code":-32602,"message":"Unknown tool: {{name}}."}"""));
        }

        lock (Called)
        {
            Called.Add((caller, name));
        }

        var arguments = JsonElement.Parse(parameters.Span).GetProperty("arguments");
        return UpstreamReply.Result(Encoding.UTF8.GetBytes(await Answer(name, arguments, cancellation)));
    }
}
