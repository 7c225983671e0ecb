using Gateway.Edge.Configuration;

namespace Gateway.Edge.Tests.Configuration;

/// <summary>Parsing with an environment that the test names.</summary>
internal static class Files
{
    /// <summary>The shortest legal file with something to call and somebody to call it.</summary>
    public const string Minimal = """
        version: 1
        autoProviders: false
        keys:
          k: {value: gw-0123456789abcdef}

        """;

    public static GatewayFileResult Parse(string yaml, params (string Name, string Value)[] environment)
        => GatewayFile.Parse(yaml, new GatewayFileOptions { GetEnvironmentVariable = name => environment.FirstOrDefault(v => v.Name == name).Value });

    public static string Describe(GatewayFileResult result) => string.Join('\n', result.Errors);
}
