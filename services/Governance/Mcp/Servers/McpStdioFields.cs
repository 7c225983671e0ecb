using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;

namespace Gateway.Governance.Mcp.Servers;

/// <summary>Reads the program of a server that is started.</summary>
internal static class McpStdioFields
{
    private const int MostItems = 100;
    private const int ArgumentLength = 4096;
    private const long LeastMemory = 16L * 1024 * 1024;
    private const long MostMemory = 1024L * 1024 * 1024 * 1024;

    public static McpStdioEntry? Read(ObjectReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var stdio = new McpStdioEntry
        {
            Command = reader.Text("command", required: true, ArgumentLength) ?? "",
            Arguments = reader.Documents("arguments", MostItems, ArgumentLength),
            PassEnvironment = reader.Texts("passEnvironment", MostItems, Formats.NameLength, McpFormats.VariableName),
            Environment = [.. reader.NestedMany("environment", 0, MostItems).Select(Variable)],
            Folder = McpServerFields.Optional(reader.Text("folder", required: false, ArgumentLength, McpFormats.Folder)),
            MaxMemoryBytes = reader.Integer("maxMemoryBytes", LeastMemory, MostMemory),
            MaxCpuSeconds = (int?)reader.Integer("maxCpuSeconds", 1, 1_000_000),
            PerSession = reader.Boolean("perSession", false),
        };
        if (stdio.Environment.GroupBy(static v => v.Name, StringComparer.Ordinal).FirstOrDefault(static g => g.Count() > 1) is { } twice)
        {
            reader.Error("environment", $"has '{twice.Key}' twice.");
        }

        reader.Close();
        return stdio;
    }

    private static McpVariable Variable(ObjectReader reader)
    {
        var variable = new McpVariable
        {
            Name = reader.Text("name", required: true, Formats.NameLength, McpFormats.VariableName) ?? "",
            Value = reader.Document("value", 32 * 1024, static t => t.Contains('\0', StringComparison.Ordinal) ? "must not have a zero character." : null),
            CredentialId = McpServerFields.Optional(reader.Text("credentialId", required: false, Formats.ModelLength, Formats.Model)),
        };
        if (variable.Value is null == variable.CredentialId is null)
        {
            reader.Error("value", "or credentialId is required, and only one of them.");
        }

        reader.Close();
        return variable;
    }
}
