using System.Text.Json.Nodes;
using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Pages.Entities;

namespace Gateway.Dashboard.Pages.Mcp;

/// <summary>Tools of servers, one of them looked at closely, and a trial.</summary>
/// <param name="Tools">A page of tools.</param>
/// <param name="Tool">The tool that was asked for, with what changed.</param>
/// <param name="Decided">What became of an approval.</param>
/// <param name="Trial">What a trial answered.</param>
/// <param name="Imported">What an import would register, or why it is refused.</param>
/// <param name="Form">The form as it was sent.</param>
public sealed record McpModel(ApiAnswer Tools, ApiAnswer Tool, ApiAnswer Decided, ApiAnswer Trial, ApiAnswer Imported, FormFields? Form);

/// <summary>Servers of the MCP hub, their tools, and who may call what.</summary>
public sealed class McpPage : EntitiesPage
{
    private const string ImportItem = "mcp import";

    private static readonly Entity _servers = new()
    {
        Kind = "mcpServer", Segment = "mcp/servers", Noun = "server", Title = "MCP servers", Icon = "tool",
        About = "Servers whose tools applications reach at /mcp with their virtual key. New and changed tools wait for a look, unless the server is trusted.",
        Columns =
        [
            new("Server", s => new Cell(s["name"].TextOr(s["id"].Text)) { Sub = s["id"].Text }),
            new("Reached by", s => s["transport"].Text),
            new("Address", s => new Cell(s["url"].TextOr(s["stdio"]["command"].Text)) { Wrap = true }),
            new("Trust", s => new Cell(Gateway.Dashboard.Rendering.Format.Words(s["trust"].Text)) { Tone = s["trust"].Text == "All" ? "warn" : "" }),
            new("Labels", s => Cell.Many(s["labels"], "")),
            new("State", Cell.Enabled),
        ],
        Fields =
        [
            new("id", "Id") { OnlyNew = true, Required = true, Hint = "The prefix of its tools." },
            new("name", "Name"),
            new("transport", "Reached by") { Options = [("Http", "HTTP"), ("Sse", "server-sent events"), ("Stdio", "a program"), ("OpenApi", "an OpenAPI document")], Initial = "Http" },
            new("url", "Address") { Placeholder = "https://mcp.example.com/mcp" },
            new("trust", "Its tools") { Options = [("Review", "wait until somebody looked"), ("FirstUse", "are trusted as first seen"), ("All", "are trusted always")], Initial = "Review" },
            new("labels", "Labels") { Form = FieldForm.List, Hint = "untrusted, private, external: what data flow rules go by." },
            new("timeoutSeconds", "Seconds for a call") { Form = FieldForm.Number, Initial = "60" },
            new("enabled", "Enabled") { Form = FieldForm.Flag, Initial = "true" },
            new("auth", "How it is logged in to") { Form = FieldForm.Json, Placeholder = "{\"header\": \"Authorization\", \"credentialId\": \"…\"}" },
            new("tools", "Settings of its tools") { Form = FieldForm.Json, Placeholder = "[{\"tool\": \"delete_*\", \"approval\": \"Admin\"}]" },
        ],
    };

    private static readonly Entity _bundles = new()
    {
        Kind = "mcpBundle", Segment = "mcp/bundles", Noun = "bundle", Title = "Bundles", Icon = "tool",
        About = "Tools of several servers under one address: /mcp/ID.",
        Columns = [new("Bundle", b => new Cell(b["name"].TextOr(b["id"].Text)) { Sub = b["id"].Text }), new("Tools", b => Cell.Many(b["tools"], "")), new("State", Cell.Enabled)],
        Fields =
        [
            new("id", "Id") { OnlyNew = true, Required = true },
            new("name", "Name"),
            new("description", "What it is for"),
            new("tools", "Tools") { Form = FieldForm.List, Hint = "server/tool, each part with * allowed." },
            new("enabled", "Enabled") { Form = FieldForm.Flag, Initial = "true" },
        ],
    };

    private static readonly Entity _policies = new()
    {
        Kind = "mcpPolicy", Segment = "mcp/policies", Noun = "tool policy", Title = "Tool policies", Icon = "shield",
        About = "Who may call which tools with which arguments, how often, and what needs approval.",
        Columns =
        [
            new("Policy", p => new Cell(p["name"].TextOr(p["id"].Text)) { Sub = p["id"].Text }),
            new("Order", p => new Cell("") { Number = p["order"].Number }) { Right = true },
            new("Says", p => new Cell(string.Join(", ", p.Fields.Where(f => f.Name is not ("id" or "name" or "order" or "enabled" or "source" or "version" or "createdAt" or "updatedAt") && (f.Value.Count > 0 || f.Value.Text.Length > 0)).Select(f => f.Name))) { Wrap = true }),
            new("State", Cell.Enabled),
        ],
        Fields = [new("id", "Id") { OnlyNew = true, Required = true }, new("name", "Name"), new("order", "Order") { Form = FieldForm.Number, Initial = "100" }, new("enabled", "Enabled") { Form = FieldForm.Flag, Initial = "true" }],
    };

    public override string Pattern => "mcp";

    public override string Title => "MCP";

    public override NavGroup Group => NavGroup.Protect;

    public override string Icon => "tool";

    public override IReadOnlyList<Entity> Entities { get; } = [_servers, _bundles, _policies];

    protected override async Task<PageResult> OtherAsync(PageContext page, FormFields form)
    {
        if (form.Do is "approve-tool" or "withhold-tool")
        {
            var done = await DecideAsync(page, form).ConfigureAwait(false);
            page.Http.Items[typeof(McpPage)] = done;
            return done.Ok ? PageResult.Go(page.With(("tool", null)), form.Do == "approve-tool" ? "The tool is approved as it was shown." : "The tool is withheld.") : await AgainAsync(page, form).ConfigureAwait(false);
        }

        if (form.Do is "import")
        {
            var dryRun = form.Checked("dryRun");
            var done = await page.SendAsync(HttpMethod.Post, dryRun ? "/mcp/import?dryRun=true" : "/mcp/import", EntityForms.Parsed(form.Raw("document")), dryRun ? null : form.Once()).ConfigureAwait(false);
            page.Http.Items[ImportItem] = done;
            return done.Ok && !dryRun ? PageResult.Go(page.With(("import", null)), $"Registered: {string.Join(", ", done.Body["servers"].Items.Select(s => s["id"].Text))}.") : await AgainAsync(page, form).ConfigureAwait(false);
        }

        return form.Do is "trial" ? await AgainAsync(page, form).ConfigureAwait(false) : PageResult.NotFound;
    }

    protected override async Task<ExtraContent?> ExtraAsync(PageContext page, Entity entity, FormFields? form)
    {
        if (entity != _servers || !page.Can("mcpTool", "list"))
        {
            return null;
        }

        var tools = page.GetAsync("/mcp/tools", ("limit", "100"), ("server", page.Query("id").Length > 0 ? page.Query("id") : page.Query("server")), ("state", page.Query("state")), ("after", page.Query("more")));
        var named = page.Query("tool");
        var tool = named.Length > 0 ? page.GetIfAsync("mcpTool", "read", "/mcp/tools/" + string.Join('/', named.Split('/').Select(Uri.EscapeDataString))) : Task.FromResult(ApiAnswer.NotAsked);
        var decided = page.Http.Items[typeof(McpPage)] as ApiAnswer ?? ApiAnswer.NotAsked;
        var imported = page.Http.Items[ImportItem] as ApiAnswer ?? ApiAnswer.NotAsked;
        var trial = form?.Do == "trial" ? TryAsync(page, form) : Task.FromResult(ApiAnswer.NotAsked);
        return new ExtraContent(typeof(ToolsView), new McpModel(await tools.ConfigureAwait(false), await tool.ConfigureAwait(false), decided, await trial.ConfigureAwait(false), imported, form));
    }

    private static Task<ApiAnswer> DecideAsync(PageContext page, FormFields form)
        => page.SendAsync(
            HttpMethod.Post, form.Do == "approve-tool" ? "/mcp/tools/approve" : "/mcp/tools/withhold", new JsonObject { ["tools"] = new JsonArray(new JsonObject { ["id"] = form["tool"], ["fingerprint"] = form["fingerprint"] }) });

    private static Task<ApiAnswer> TryAsync(PageContext page, FormFields form)
    {
        var body = form.Json().Text("keyId").Text("scope").Body;
        if (form["called"].Length == 0)
        {
            return page.SendAsync(HttpMethod.Post, "/mcp/playground/tools", body);
        }

        body["tool"] = form["called"];
        body["arguments"] = form["arguments"].Length > 0 ? EntityForms.Parsed(form.Raw("arguments")) : new JsonObject();
        return page.SendAsync(HttpMethod.Post, "/mcp/playground/call", body);
    }
}
