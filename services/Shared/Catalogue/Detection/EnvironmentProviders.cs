using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>Finds providers by the key variables that are set in the environment.</summary>
public static class EnvironmentProviders
{
    /// <summary>
    /// One provider for each entry of the catalogue whose key or address variable has a value. Empty and blank variables are ignored.
    /// Makes no network call.
    /// </summary>
    /// <param name="getEnv">Reads a variable; null or empty when it is not set.</param>
    public static DetectedProviders Detect(Func<string, string?> getEnv)
    {
        ArgumentNullException.ThrowIfNull(getEnv);
        var providers = new List<ProviderEntry>();
        var credentials = new List<CredentialEntry>();
        var deployments = new List<DeploymentEntry>();
        var warnings = new List<string>();
        foreach (var known in ProviderCatalogue.Default.All)
        {
            var variable = known.KeyVariables.FirstOrDefault(v => Value(getEnv, v) is not null);
            var address = known.BaseUrlVariable is null ? null : Value(getEnv, known.BaseUrlVariable);
            var credential = variable is null
                ? CloudProviders.Credential(known, getEnv)
                : new CredentialEntry { Id = known.Id + "-env", ProviderId = known.Id, Secret = Value(getEnv, variable)! };
            if (credential is null && (address is null || known.Kind != ProviderKind.OpenAI))
            {
                continue;
            }

            if (address is not null && !IsHttpAddress(address))
            {
                warnings.Add($"{known.BaseUrlVariable} is not an absolute http or https address: provider {known.Id} is left out.");
                continue;
            }

            address ??= known.ExpandBaseUrl(getEnv);
            if (string.IsNullOrEmpty(address) && !known.HasUsableBaseUrl)
            {
                var missing = known.BaseUrlVariable ?? string.Join(" and ", known.BaseUrlPlaceholders);
                warnings.Add($"{variable ?? known.Id} is set, but the address of {known.Id} is not known: set {missing}, or configure the provider with its baseUrl.");
                continue;
            }

            var entry = CloudProviders.Complete(known.ToEntry(address?.TrimEnd('/')), getEnv);
            if (CloudProviders.Missing(entry) is { } needed)
            {
                warnings.Add($"A credential of {known.Id} is set, but not {needed}: the provider is left out.");
                continue;
            }

            providers.Add(entry);
            if (credential is not null)
            {
                credentials.Add(credential);
            }

            deployments.AddRange(ProviderModels.Deployments(known.Id, credential?.Id, ProviderModels.Callable(known.Id).Select(static m => m.Model)));
        }

        return new DetectedProviders
        {
            Providers = providers,
            Credentials = credentials,
            Deployments = deployments,
            Routes = ProviderModels.Routes(deployments),
            Warnings = warnings,
        };
    }

    private static string? Value(Func<string, string?> getEnv, string variable)
        => getEnv(variable)?.Trim() is { Length: > 0 } value ? value : null;

    private static bool IsHttpAddress(string address)
        => Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
