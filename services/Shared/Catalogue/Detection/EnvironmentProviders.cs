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
            if (variable is null && address is null)
            {
                continue;
            }

            if (address is not null && !IsHttpAddress(address))
            {
                warnings.Add($"{known.BaseUrlVariable} is not an absolute http or https address: provider {known.Id} is left out.");
                continue;
            }

            if (address is null && !known.HasUsableBaseUrl)
            {
                warnings.Add(known.BaseUrlVariable is null
                    ? $"{variable} is set, but {known.Id} has a different address in every installation: configure the provider with its baseUrl."
                    : $"{variable} is set, but the address of {known.Id} is not known: set {known.BaseUrlVariable}.");
                continue;
            }

            var credentialId = variable is null ? null : $"{known.Id}-env";
            providers.Add(known.ToEntry(address?.TrimEnd('/')));
            if (variable is not null)
            {
                credentials.Add(new CredentialEntry { Id = credentialId!, ProviderId = known.Id, Secret = Value(getEnv, variable)! });
            }

            deployments.AddRange(ProviderModels.Deployments(known.Id, credentialId, ProviderModels.Callable(known.Id).Select(static m => m.Model)));
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
