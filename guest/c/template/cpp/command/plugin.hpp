#pragma once

#include <oslo_messaging.hpp>

/* Asks for the sum. */
oslo::Result<std::string> add(const oslo::Client &client, int a, int b);
