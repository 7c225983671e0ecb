using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads what only servers of some transports have: a program, or a REST interface.</summary>
internal static class McpServerParts
{
    private const int MostItems = 100;
    private const int MostShapes = 200;

    public static McpStdioEntry Stdio(SectionReader section, BuildContext context)
    {
        var (arguments, passed, environment, folder) = (section.Texts("arguments"), section.Texts("passEnvironment"), section.TextMap("environment"), section.Text("folder"));
        foreach (var name in passed.Concat(environment.Select(static e => e.Name)).Where(static n => !IsVariable(n.Text)))
        {
            context.Error(name, "This is no name of a variable. Legal: letters, digits and '_', not beginning with a digit.");
        }

        McpChecks.Most(context, section, "arguments", arguments.Count, MostItems);
        McpChecks.Most(context, section, "passEnvironment", passed.Count, MostItems);
        McpChecks.Most(context, section, "environment", environment.Count, MostItems);
        if (folder is not null && !Path.IsPathFullyQualified(folder.Text))
        {
            context.Error(folder, "This must be an absolute path.");
        }

        return new McpStdioEntry
        {
            Command = section.Text("command")?.Text ?? "",
            Arguments = [.. arguments.Select(static a => a.Text)],
            PassEnvironment = [.. passed.Select(static p => p.Text)],
            Environment = [.. environment.Select(static e => new McpVariable { Name = e.Name.Text, Value = e.Value.Text })],
            Folder = folder?.Text,
            MaxMemoryBytes = section.Integer("maxMemoryBytes"),
            MaxCpuSeconds = (int?)section.Integer("maxCpuSeconds"),
            PerSession = section.Flag("perSession"),
        };
    }

    public static McpOpenApiEntry OpenApi(SectionReader section, BuildContext context)
    {
        if (section.Has("document") == section.Has("documentUrl"))
        {
            context.Error(section.Path, section.Place, "This needs either 'document' or 'documentUrl'.");
        }

        var shapes = section.Items("shapes").Select(static s => new McpShape
        {
            Operation = s.Text("operation")?.Text ?? "",
            Keep = [.. s.Texts("keep").Select(static k => k.Text)],
            MaxItems = (int?)s.Integer("maxItems"),
            MaxTextLength = (int?)s.Integer("maxTextLength"),
        }).ToList();
        McpChecks.Most(context, section, "shapes", shapes.Count, MostShapes);
        return new McpOpenApiEntry
        {
            Document = section.Text("document")?.Text ?? "",
            DocumentUrl = McpChecks.Address(context, section, "documentUrl"),
            Include = [.. section.Texts("include").Select(static t => t.Text)],
            Exclude = [.. section.Texts("exclude").Select(static t => t.Text)],
            SecurityScheme = section.Text("securityScheme")?.Text,
            Shapes = shapes,
        };
    }

    private static bool IsVariable(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
