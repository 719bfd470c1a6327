"""The cluster on one machine: replicas behind a load balancer, with the times of the manifests."""
