using Gateway.Catalogue;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>A deployment of the file and where it names its provider.</summary>
internal sealed record FileDeployment(DeploymentEntry Entry, TextValue? Provider);

/// <summary>Reads <c>deployments</c>.</summary>
internal static class DeploymentSection
{
    public static List<FileDeployment> Read(SectionReader root, BuildContext context)
    {
        var deployments = new List<FileDeployment>();
        foreach (var (id, section) in root.Map("deployments"))
        {
            Names.CheckId(context, id);
            var provider = section.Text("provider");
            var model = section.Text("model");
            if (model is not null && model.Text.Count(static c => c == '*') > 1)
            {
                context.Error(model, "A '*' is only allowed once. Legal: a model name, in which one '*' stands for what the '*' of the route matched.");
            }

            deployments.Add(new FileDeployment(
                new DeploymentEntry
                {
                    Id = id.Text,
                    ProviderId = provider?.Text ?? "",
                    Model = model?.Text ?? "",
                    Price = section.Has("price") ? PriceSection.ReadOwn(section.Section("price"), context) : null,
                    Unpriced = section.Choice("unpriced") is > 0 and var policy ? (UnpricedPolicy)policy : null,
                    MaxOutputTokens = (int?)section.Integer("maxOutputTokens")
                        ?? (provider is null || model is null ? null : PriceTable.Default.FindModel(provider.Text, model.Text)?.MaxOutputTokens),
                },
                provider));
        }

        return deployments;
    }
}
