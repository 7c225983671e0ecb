using Gateway.Edge.Pipeline;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Uploads;

/// <summary>Which deployment a batch of a model is for.</summary>
internal static class ModelDeployments
{
    /// <summary>The first target of a route that has files and that the key may reach; one whose credential works before one whose does not.</summary>
    public static DeploymentRuntime? Choose(RequestContext context, RouteRuntime route, string? provider)
    {
        DeploymentRuntime? resting = null;
        foreach (var target in route.Targets)
        {
            var deployment = target.Deployment;
            if (!Holders.HasFiles(deployment) || !context.Key!.Providers.Allows(deployment.Provider.Id) || (provider is not null && deployment.Provider.Id != provider))
            {
                continue;
            }

            if (target.Credential.Unavailable(out _) is null)
            {
                return deployment;
            }

            resting ??= deployment;
        }

        return resting;
    }

    /// <summary>The deployment of a model in an account, which has the price; the account itself where there is none any more.</summary>
    /// <param name="model">The configuration.</param>
    /// <param name="holder">The account.</param>
    /// <param name="name">The public model.</param>
    /// <param name="providerModel">The provider's name of it.</param>
    public static DeploymentRuntime Find(GatewayModel model, DeploymentRuntime holder, string name, out string providerModel)
    {
        if (model.FindRoute(name) is { } route)
        {
            var inProvider = route.Targets.Select(static t => t.Deployment).Where(d => d.Provider.Id == holder.Provider.Id);
            if (inProvider.OrderBy(d => d.CredentialId == holder.CredentialId ? 0 : 1).FirstOrDefault() is { } deployment)
            {
                providerModel = NameAt(deployment, route.WildcardPart(name));
                return deployment;
            }
        }

        providerModel = name;
        return holder;
    }

    /// <summary>The provider's name of a deployment's model.</summary>
    public static string NameAt(DeploymentRuntime deployment, string wildcard) =>
        deployment.IsWildcard ? deployment.Model.Replace("*", wildcard, StringComparison.Ordinal) : deployment.Model;
}
