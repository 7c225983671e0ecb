using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>What a provider serves, as deployments and routes.</summary>
public static class ProviderModels
{
    /// <summary>
    /// The models that the price table knows a provider to serve through chat, completions or embeddings; without those retired on
    /// the day the table was made, and none where models have names of one's own.
    /// </summary>
    /// <param name="providerId">Provider id of the catalogue.</param>
    public static IReadOnlyList<PricedModel> Callable(string providerId)
    {
        if (ProviderCatalogue.Default.Find(providerId) is { HasOwnModelNames: true })
        {
            return [];
        }

        var table = PriceTable.Default;
        return
        [
            .. table.ModelsOf(providerId).Where(m =>
                m.Mode is ModelMode.Chat or ModelMode.Completion or ModelMode.Embedding
                && !ModelNames.IsPriceClass(m.Model)
                && !m.Model.Contains('*', StringComparison.Ordinal)
                && (m.Price is not null || m.ContextTokens is not null)
                && (m.RetiredOn is null || string.CompareOrdinal(m.RetiredOn, table.Version) > 0)),
        ];
    }

    /// <summary>The deployments of a provider: one for each model and <c>{provider}/*</c> for any other.</summary>
    /// <param name="providerId">Provider id.</param>
    /// <param name="credentialId">Credential used, or null for none.</param>
    /// <param name="models">Model names as the provider knows them.</param>
    public static IEnumerable<DeploymentEntry> Deployments(string providerId, string? credentialId, IEnumerable<string> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        foreach (var model in models.Append("*"))
        {
            yield return new DeploymentEntry
            {
                Id = $"{providerId}/{model}",
                ProviderId = providerId,
                CredentialId = credentialId,
                Model = model,
                MaxOutputTokens = PriceTable.Default.FindModel(providerId, model)?.MaxOutputTokens,
            };
        }
    }

    /// <summary>
    /// Routes to deployments made by <see cref="Deployments"/>: each bare model name to the first that serves it, and
    /// <c>{provider}/*</c>. A name that begins with another of these providers' ids is that provider's and gets no bare route.
    /// </summary>
    /// <param name="deployments">Deployments in order of preference.</param>
    public static IReadOnlyList<RouteEntry> Routes(IReadOnlyList<DeploymentEntry> deployments)
    {
        ArgumentNullException.ThrowIfNull(deployments);
        var providers = deployments.Select(static d => d.ProviderId).ToHashSet(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var routes = new List<RouteEntry>(deployments.Count);
        foreach (var deployment in deployments)
        {
            var name = deployment.Model == "*" ? deployment.Id : deployment.Model;
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var owner = slash < 0 ? deployment.ProviderId : name[..slash];
            if ((owner == deployment.ProviderId || !providers.Contains(owner)) && names.Add(name))
            {
                routes.Add(new RouteEntry { Name = name, Targets = [new RouteTarget { DeploymentId = deployment.Id }] });
            }
        }

        return routes;
    }
}
