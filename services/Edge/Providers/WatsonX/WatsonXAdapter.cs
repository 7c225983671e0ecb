using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Providers.WatsonX;

/// <summary>IBM watsonx.ai: OpenAI's chat under another address, which says whether a stream is wanted, and with the project in the body.</summary>
internal sealed class WatsonXAdapter : ProviderAdapter
{
    private static readonly Dictionary<string, string> _model = new() { ["model"] = "model_id" };

    private readonly WatsonXAddress _addresses;
    private readonly BodyEdits _ofModel;
    private readonly BodyEdits _ofDeployment;

    public WatsonXAdapter(ProviderEntry entry)
        : base(entry)
    {
        _addresses = new WatsonXAddress(entry.BaseUrl, entry.ApiVersion);
        var renames = entry.RenamedParameters.Concat(_model).GroupBy(static r => r.Key).ToDictionary(static g => g.Key, static g => g.First().Value);
        string[] drops = [.. entry.DroppedParameters, "stream", "stream_options"];
        List<(string, string)> adds = [];
        if (entry.Space is { } space)
        {
            adds.Add(("space_id", Json(space)));
        }
        else if (entry.Project is { } project)
        {
            adds.Add(("project_id", Json(project)));
        }

        _ofModel = BodyEdits.Create(renames, drops, adds)!;
        // A deployment knows its model and its space.
        _ofDeployment = BodyEdits.Create(entry.RenamedParameters, [.. drops, "model"], [])!;
    }

    public override DialectId? ChatDialect(DialectId caller, string model) => DialectId.OpenAIChat;

    public override Uri? Address(in UpstreamTarget target) => _addresses.Of(target);

    public override RequestTarget Describe(string model, DialectId dialect, int? maxOutputTokens) => base.Describe(model, dialect, maxOutputTokens) with { StreamUsageOption = false };

    public override BodyEdits? Edits(in UpstreamTarget target) => WatsonXAddress.IsDeployment(target.Model) ? _ofDeployment : _ofModel;

    private static string Json(string text) => System.Text.Encoding.UTF8.GetString(JsonName.Encode(text));
}
