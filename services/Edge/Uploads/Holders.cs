using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;
using Gateway.Edge.StoredObjects;

namespace Gateway.Edge.Uploads;

/// <summary>The accounts that hold files and batches: a provider with one of its credentials.</summary>
internal static class Holders
{
    private const string OpenAI = "openai";

    public static string Id(DeploymentRuntime holder) => holder.CredentialId.Length == 0 ? holder.Provider.Id : $"{holder.Provider.Id}/{holder.CredentialId}";

    /// <summary>True for a provider whose files and batches are OpenAI's.</summary>
    public static bool HasFiles(DeploymentRuntime deployment) => deployment.Provider.Entry.Kind is ProviderKind.OpenAI or ProviderKind.AzureOpenAI;

    /// <summary>The provider that the caller names, or null.</summary>
    public static string? Named(RequestContext context) => context.Http.Request.Headers[GatewayHeaders.Provider] is [{ Length: > 0 } name] ? name : null;

    /// <summary>The accounts that the key may use, those of the provider that the caller names only; first those that surely have files.</summary>
    public static Failure? Usable(RequestContext context, out List<DeploymentRuntime> holders)
    {
        holders = [];
        if (Named(context) is { } named)
        {
            if (!context.Model.Accounts.TryGetValue(named, out var account) || !account.Bare.Any(HasFiles))
            {
                return new Failure(GatewayError.ValueInvalid, Step.Route, $"'{named}' is no provider of this gateway that has files in OpenAI's form.") { Param = GatewayHeaders.Provider };
            }

            if (!context.Key!.Providers.Allows(named))
            {
                return new Failure(GatewayError.ProviderForbidden, Step.Authorize, $"This API key may not reach the provider '{named}'.");
            }

            holders.AddRange(account.Bare);
            return null;
        }

        holders.AddRange(context.Model.Accounts.Values
            .SelectMany(static a => a.Bare)
            .Where(d => HasFiles(d) && context.Key!.Providers.Allows(d.Provider.Id))
            .OrderBy(static d => IsOpenAI(d.Provider.Entry) ? 0 : 1));
        return holders.Count > 0
            ? null
            : new Failure(GatewayError.RequestUnsupported, Step.Route, $"None of the providers that this API key may reach has files in OpenAI's form. Name one with the header '{GatewayHeaders.Provider}'.");
    }

    /// <summary>The account where something new is put that belongs to no model.</summary>
    public static Failure? Choose(RequestContext context, out DeploymentRuntime? holder)
    {
        holder = null;
        if (Usable(context, out var holders) is { } failure)
        {
            return failure;
        }

        holder = context.Model.Accounts[holders[0].Provider.Id].Choose(null, out _);
        return null;
    }

    /// <summary>The account that holds an object, or null when it is not configured any more or the key may not reach it.</summary>
    public static DeploymentRuntime? Find(RequestContext context, in ObjectRef reference)
    {
        var id = reference.HolderId;
        var provider = id.Split('/', 2)[0];
        return context.Model.Accounts.TryGetValue(provider, out var account) && context.Key!.Providers.Allows(provider)
            ? account.Bare.FirstOrDefault(d => Id(d) == id && HasFiles(d))
            : null;
    }

    private static bool IsOpenAI(ProviderEntry provider) => provider.Kind == ProviderKind.AzureOpenAI || (provider.Like ?? provider.Id) == OpenAI;
}
