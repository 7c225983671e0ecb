using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Load.Running;

/// <summary>The edge alone, on a generated configuration with everything a governed request passes.</summary>
internal static class EdgeProcess
{
    // What a careful team has on: personal data and secrets are taken out of what comes back, injection is looked for in what goes out.
    private const string Guards = """
        guardrails:
          stream:
            appliesTo: {}
            rules:
              - { detector: pii, action: redact }
              - { detector: secrets, action: redact }
              - { detector: injection, action: block, scopes: [ input ] }

        """;

    /// <summary>Virtual keys that depend on their number only.</summary>
    public static string Key(int number)
        => "gw-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes("bench key " + number.ToString(CultureInfo.InvariantCulture)))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static Child Start(
        string dll, string directory, int port, int plainUpstream, int streamUpstream, int keys, bool isGuarded = false, string? settings = null,
        IReadOnlyDictionary<string, string>? environment = null, bool pin = false)
    {
        var home = Directory.CreateDirectory(Path.Combine(directory, "edge-" + port.ToString(CultureInfo.InvariantCulture))).FullName;
        var config = Path.Combine(home, "gateway.yaml");
        File.WriteAllText(config, Configuration(plainUpstream, streamUpstream, keys) + (isGuarded ? Guards : "") + settings + "\n");
        return Child.Start(pin ? "taskset" : "dotnet", pin ? ["-c", "0", "dotnet", dll, "--config", config] : [dll, "--config", config], new Dictionary<string, string>(environment ?? new Dictionary<string, string>())
        {
            ["Gateway__Port"] = port.ToString(CultureInfo.InvariantCulture),
            ["Gateway__DataDirectory"] = Path.Combine(home, "data"),
            ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1",
            ["DOTNET_TieredPGO"] = "1",
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
        });
    }

    private static string Configuration(int plainUpstream, int streamUpstream, int keys)
    {
        var yaml = new StringBuilder($$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              sim: { baseUrl: "http://127.0.0.1:{{plainUpstream}}/v1", allowLinkLocal: true, models: [] }
              streams: { baseUrl: "http://127.0.0.1:{{streamUpstream}}/v1", allowLinkLocal: true, models: [] }
            {{Lines(d => $"  {d.Name}: {{ {string.Format(CultureInfo.InvariantCulture, d.Kind, $"http://127.0.0.1:{plainUpstream}/{d.Name}")}, apiKey: bench, models: [] }}")}}
            deployments:
              sim/gpt: { provider: sim, model: {{Bodies.Model}}, price: { version: bench, inputPerMillion: 0.15, outputPerMillion: 0.60 } }
              streams/gpt: { provider: streams, model: {{Bodies.Model}}, price: { version: bench, inputPerMillion: 0.15, outputPerMillion: 0.60 } }
            {{Lines(d => $"  {d.Model}: {{ provider: {d.Name}, model: {d.Model}, price: {{ version: bench, inputPerMillion: 0.15, outputPerMillion: 0.60 }} }}")}}
            routes:
              {{Bodies.Model}}: { targets: [ { deployment: sim/gpt } ] }
              {{Bodies.EdgeStreamModel}}: { targets: [ { deployment: streams/gpt } ] }
            {{Lines(d => $"  {d.Model}: {{ targets: [ {{ deployment: {d.Model} }} ] }}")}}
            teams:
              bench: { name: Bench, limits: { requestsPerMinute: 1000000000 }, budgets: [team-month] }
            budgets:
              key-month: { limitUsd: 1000000, window: month }
              team-month: { limitUsd: 1000000, window: month }
            keys:

            """);
        for (var i = 0; i < keys; i++)
        {
            _ = yaml.Append(CultureInfo.InvariantCulture, $"  bench{i}: {{ value: {Key(i)}, team: bench, limits: {{ requestsPerMinute: 1000000000, tokensPerMinute: 1000000000000 }}, budgets: [key-month] }}\n");
        }

        return yaml.ToString();
    }

    private static string Lines(Func<Dialect, string> line) => string.Join('\n', Dialect.All.Select(line));
}
